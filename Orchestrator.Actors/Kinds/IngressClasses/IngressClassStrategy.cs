using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.IngressClasses;

/// <summary>Rules of IngressClasses (Kubernetes, "Ingress", Ingress class).</summary>
internal sealed class IngressClassStrategy : ResourceStrategy
{
    private const string ControllerField = "spec.controller";
    private const string ParametersField = "spec.parameters";
    private const int LongestController = 250;

    public override void Default(JsonObject o)
    {
        if (o["spec"]?["parameters"] is JsonObject parameters)
        {
            Set(parameters, "scope", "Cluster");
        }
    }

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        var controller = (string?)o["spec"]?["controller"];
        if (controller?.Length > LongestController)
        {
            errors.TooLong(ControllerField, LongestController);
        }

        errors.Named(ControllerField, controller, Names.DomainPath);
        if (o["spec"]?["parameters"] is JsonObject parameters)
        {
            Parameters(parameters, errors);
        }
    }

    public override void ValidateUpdate(JsonObject o, JsonObject old, FieldErrors errors) =>
        errors.Immutable(ControllerField, o["spec"]?["controller"], old["spec"]?["controller"]);

    private static void Parameters(JsonObject parameters, FieldErrors errors)
    {
        if ((string?)parameters["apiGroup"] is { Length: > 0 } group && Names.Subdomain(group) is { } wrong)
        {
            errors.Invalid($"{ParametersField}.apiGroup", group, wrong);
        }

        errors.Named($"{ParametersField}.kind", (string?)parameters["kind"], Names.PathSegment);
        errors.Named($"{ParametersField}.name", (string?)parameters["name"], Names.PathSegment);
        var (scope, space) = ((string?)parameters["scope"], (string?)parameters["namespace"]);
        errors.OneOf($"{ParametersField}.scope", scope, "Cluster", "Namespace");
        if (scope == "Namespace")
        {
            errors.Named($"{ParametersField}.namespace", space, Names.Label);
        }
        else if (space is not null)
        {
            errors.Forbidden($"{ParametersField}.namespace", "`parameters.scope` is set to 'Cluster'");
        }
    }
}
