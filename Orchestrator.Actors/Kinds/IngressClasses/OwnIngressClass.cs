using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Kinds.IngressClasses;

/// <summary>The class that every cluster is given once: that of the ingress which its nodes run.</summary>
public static class OwnIngressClass
{
    /// <summary>Its name.</summary>
    public const string Name = "orchestrator";

    /// <summary>Creates the object.</summary>
    /// <param name="isDefault">Whether Ingresses without a class get it.</param>
    public static JsonObject Create(bool isDefault)
    {
        var o = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = Name },
            ["spec"] = new JsonObject { ["controller"] = IngressClassNames.Controller },
        };
        if (isDefault)
        {
            o["metadata"]!["annotations"] = new JsonObject { [IngressClassNames.IsDefault] = "true" };
        }

        return o;
    }
}
