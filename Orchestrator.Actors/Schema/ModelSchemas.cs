using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Actors.Schema;

/// <summary>Makes the schemas of model classes: names and types by reflection, everything else from facts.</summary>
/// <param name="facts">Facts that reflection does not show.</param>
public sealed class ModelSchemas(SchemaFacts facts)
{
    private readonly ConcurrentDictionary<Type, SchemaNode> _known = new();

    /// <summary>The schema of a model class, made once.</summary>
    public SchemaNode Of(Type model) => _known.GetOrAdd(model, m => new SchemaNode(SchemaType.Object, () => Fields(m)) { Model = m });

    /// <summary>The names in JSON of the properties of a class.</summary>
    internal static IEnumerable<(PropertyInfo Property, string Name)> Properties(Type model) =>
        from property in model.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        let name = property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name
        where name is not null
        select (property, name);

    private IEnumerable<SchemaField> Fields(Type model)
    {
        foreach (var (property, name) in Properties(model))
        {
            var said = facts.Of(model.Name, name);
            yield return new SchemaField(name, Value(property.PropertyType, said))
            {
                IsRequired = said.IsRequired,
                Merges = said.Merges,
                MergeKey = said.MergeKey,
                RetainsKeys = said.RetainsKeys,
                Property = property.Name,
            };
        }
    }

    private SchemaNode Value(Type type, FieldFacts said)
    {
        if (Argument(type, typeof(IDictionary<,>), 1) is { } value)
        {
            return new SchemaNode(SchemaType.Map) { Items = Value(value, FieldFacts.None) };
        }

        if (type != typeof(byte[]) && Argument(type, typeof(IList<>), 0) is { } item)
        {
            return new SchemaNode(SchemaType.Array) { Items = Scalar(item, said), IsSet = said.IsSet, Keys = said.Keys };
        }

        return Scalar(type, said);
    }

    private SchemaNode Scalar(Type type, FieldFacts said) => TypeOf(Nullable.GetUnderlyingType(type) ?? type) switch
    {
        SchemaType.Object => Of(type),
        SchemaType.Any => SchemaNode.Any,
        SchemaType.Time when said.IsMicroTime => new SchemaNode(SchemaType.MicroTime),
        var known => new SchemaNode(known) { Values = said.Values },
    };

    private static SchemaType TypeOf(Type type) => type switch
    {
        _ when type == typeof(string) => SchemaType.Text,
        _ when type == typeof(bool) => SchemaType.Boolean,
        _ when type == typeof(int) => SchemaType.Int32,
        _ when type == typeof(long) => SchemaType.Int64,
        _ when type == typeof(double) || type == typeof(float) => SchemaType.Number,
        _ when type == typeof(byte[]) => SchemaType.Bytes,
        _ when type == typeof(DateTime) || type == typeof(DateTimeOffset) => SchemaType.Time,
        _ when type == typeof(object) || type == typeof(JsonElement) => SchemaType.Any,
        { Name: "IntOrString" or "IntstrIntOrString" } => SchemaType.IntOrString,
        { Name: "ResourceQuantity" } => SchemaType.Quantity,
        { Namespace: "k8s.Models", IsClass: true } => SchemaType.Object,
        _ => SchemaType.Any,
    };

    private static Type? Argument(Type type, Type generic, int index) =>
        type.GetInterfaces().Append(type).FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == generic)?.GetGenericArguments()[index];
}
