using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Node.ApiServer.OpenApi;

/// <summary>What a field of a model holds, beneath its list or map.</summary>
internal enum FieldShape
{
    Text, Whole, WholeLong, Number, Flag, Bytes, Time, IntOrString, Quantity, Any, Model,
}

/// <summary>One JSON field of a model class.</summary>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Property">The name of the class's property.</param>
/// <param name="Shape">What it, or each of its items, is.</param>
/// <param name="Type">The CLR type of the value, or of each item.</param>
/// <param name="IsList">A JSON array of the shape.</param>
/// <param name="IsMap">A JSON object whose values are of the shape.</param>
internal sealed record ModelField(string Name, string Property, FieldShape Shape, Type Type, bool IsList, bool IsMap);

/// <summary>The fields of the model classes, by reflection, once per class.</summary>
internal static class ModelFields
{
    private static readonly ConcurrentDictionary<Type, FrozenDictionary<string, ModelField>> Known = new();

    /// <summary>The fields of a class by JSON name.</summary>
    public static FrozenDictionary<string, ModelField> Of(Type model) => Known.GetOrAdd(model, static m => m
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Select(p => (Property: p, p.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name))
        .Where(p => p.Name is not null)
        .Select(p => Field(p.Name!, p.Property))
        .ToFrozenDictionary(f => f.Name, StringComparer.Ordinal));

    private static ModelField Field(string name, PropertyInfo property)
    {
        var type = property.PropertyType;
        var isMap = false;
        var isList = false;
        if (Argument(type, typeof(IDictionary<,>), 1) is { } value)
        {
            (type, isMap) = (value, true);
        }

        if (type != typeof(byte[]) && Argument(type, typeof(IList<>), 0) is { } item)
        {
            // A map of lists is rare enough to be a map of anything.
            (type, isList) = isMap ? (typeof(object), false) : (item, true);
        }

        type = Nullable.GetUnderlyingType(type) ?? type;
        return new ModelField(name, property.Name, ShapeOf(type), type, isList, isMap);
    }

    private static FieldShape ShapeOf(Type type) => type switch
    {
        _ when type == typeof(string) => FieldShape.Text,
        _ when type == typeof(bool) => FieldShape.Flag,
        _ when type == typeof(int) => FieldShape.Whole,
        _ when type == typeof(long) => FieldShape.WholeLong,
        _ when type == typeof(double) || type == typeof(float) => FieldShape.Number,
        _ when type == typeof(byte[]) => FieldShape.Bytes,
        _ when type == typeof(DateTime) || type == typeof(DateTimeOffset) => FieldShape.Time,
        _ when type == typeof(object) || type == typeof(JsonElement) => FieldShape.Any,
        { Name: "IntOrString" or "IntstrIntOrString" } => FieldShape.IntOrString,
        { Name: "ResourceQuantity" } => FieldShape.Quantity,
        { Namespace: "k8s.Models", IsClass: true } => FieldShape.Model,
        _ => FieldShape.Any,
    };

    private static Type? Argument(Type type, Type generic, int index) =>
        type.GetInterfaces().Append(type).FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == generic)?.GetGenericArguments()[index];
}
