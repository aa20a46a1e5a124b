using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;

/// <summary>What the model classes of HorizontalPodAutoscalers do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class HorizontalPodAutoscalerSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1CrossVersionObjectReference
          kind required
          name required
        V1HorizontalPodAutoscalerSpec
          maxReplicas required
          scaleTargetRef required
        V1HorizontalPodAutoscalerStatus
          currentReplicas required
          desiredReplicas required
        V2ContainerResourceMetricSource
          container required
          name required
          target required
        V2ContainerResourceMetricStatus
          container required
          current required
          name required
        V2CrossVersionObjectReference
          kind required
          name required
        V2ExternalMetricSource
          metric required
          target required
        V2ExternalMetricStatus
          current required
          metric required
        V2HPAScalingPolicy
          periodSeconds required
          type required
          value required
        V2HorizontalPodAutoscalerCondition
          status required
          type required
        V2HorizontalPodAutoscalerSpec
          maxReplicas required
          scaleTargetRef required
        V2HorizontalPodAutoscalerStatus
          conditions list=type merge=type
          desiredReplicas required
        V2MetricIdentifier
          name required
        V2MetricSpec
          type required
        V2MetricStatus
          type required
        V2MetricTarget
          type required
        V2ObjectMetricSource
          describedObject required
          metric required
          target required
        V2ObjectMetricStatus
          current required
          describedObject required
          metric required
        V2PodsMetricSource
          metric required
          target required
        V2PodsMetricStatus
          current required
          metric required
        V2ResourceMetricSource
          name required
          target required
        V2ResourceMetricStatus
          current required
          name required
        """);
}
