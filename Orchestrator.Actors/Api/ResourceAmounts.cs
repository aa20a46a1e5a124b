using System.Text.Json.Nodes;
using k8s.Models;

namespace Orchestrator.Actors.Api;

/// <summary>Amounts of resources by name, such as <c>cpu</c> or <c>requests.memory</c>, in the order of the names (Kubernetes: ResourceList).</summary>
internal sealed class ResourceAmounts : SortedDictionary<string, Quantity>
{
    /// <summary>Creates an empty list.</summary>
    public ResourceAmounts() : base(StringComparer.Ordinal)
    {
    }

    /// <summary>Reads the JSON of a list. What is not a quantity is left out: validation tells of it.</summary>
    public static ResourceAmounts Read(JsonNode? list)
    {
        var amounts = new ResourceAmounts();
        foreach (var (name, value) in list as JsonObject ?? [])
        {
            if (Quantity.Read(value) is { } quantity)
            {
                amounts[name] = quantity;
            }
        }

        return amounts;
    }

    /// <summary>Reads the list of a model.</summary>
    public static ResourceAmounts Read(IDictionary<string, ResourceQuantity>? list)
    {
        var amounts = new ResourceAmounts();
        foreach (var (name, value) in list ?? new Dictionary<string, ResourceQuantity>())
        {
            if (Quantity.Read(value.ToString()) is { } quantity)
            {
                amounts[name] = quantity;
            }
        }

        return amounts;
    }

    /// <summary>Adds an amount.</summary>
    public void Add(string name, Quantity amount, int times = 1) =>
        this[name] = this.GetValueOrDefault(name) + (times == 1 ? amount : amount with { Nanos = amount.Nanos * times });

    /// <summary>Adds all amounts of another list.</summary>
    public void Add(ResourceAmounts other)
    {
        foreach (var (name, amount) in other)
        {
            Add(name, amount);
        }
    }

    /// <summary>Raises each amount to that of another list, if that is greater.</summary>
    public void RaiseTo(ResourceAmounts other)
    {
        foreach (var (name, amount) in other)
        {
            if (!TryGetValue(name, out var own) || own.Nanos < amount.Nanos)
            {
                this[name] = amount;
            }
        }
    }

    /// <summary>Returns a copy.</summary>
    public ResourceAmounts Copy()
    {
        var copy = new ResourceAmounts();
        copy.Add(this);
        return copy;
    }

    /// <summary>Returns the JSON of the list, with quantities in canonical form.</summary>
    public JsonObject ToNode() => new(this.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)JsonValue.Create(a.Value.ToString()))));

    /// <summary>Writes the quantities of a list of JSON in canonical form, such as 500m for 0.5. What is not a quantity is left to validation.</summary>
    public static void Canonicalize(JsonNode? list)
    {
        foreach (var (name, value) in (list as JsonObject ?? []).ToList())
        {
            if (Quantity.Read(value) is { } quantity)
            {
                list![name] = quantity.RoundedToMilli().ToString();
            }
        }
    }

    /// <summary>Such as <c>cpu=500m,memory=1Gi</c>.</summary>
    public override string ToString() => string.Join(',', this.Select(a => $"{a.Key}={a.Value}"));
}
