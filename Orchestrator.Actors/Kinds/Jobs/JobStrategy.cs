using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>Rules of Jobs (Kubernetes, "Jobs").</summary>
internal sealed class JobStrategy() : TemplateStrategy("spec.template")
{
    public override void Default(JsonObject o)
    {
        base.Default(o);
        if (o["spec"] is JsonObject spec)
        {
            JobDefaults.Apply(spec);
        }
    }

    // Its entity gives it a uid, so that of another job, from which a client may have copied it, says nothing.
    public override string? Admit(JsonObject o, IAdmissionView view)
    {
        (o["metadata"] as JsonObject)?.Remove("uid");
        return null;
    }

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        base.Validate(o, errors);
        StartAfter.Validate(o, JobDefinition.Instance, errors);
        JobValidation.Check("spec", o["spec"] as JsonObject, errors);
        JobSelector.Check(o, errors);
        JobValidation.CheckHostnames(o, errors);
    }

    public override void ValidateUpdate(JsonObject o, JsonObject old, FieldErrors errors) => JobValidation.CheckUpdate(o, old, errors);

    public override void PrepareForCreate(JsonObject o)
    {
        base.PrepareForCreate(o);
        JobSelector.Generate(o);
    }
}
