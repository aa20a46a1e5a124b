using System.Text.Json;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Discovery;

namespace Orchestrator.Node.ApiServer.OpenApi;

/// <summary>Writes model classes as schemas, in the dialect of either version of OpenAPI.</summary>
internal sealed class SchemaWriter(Utf8JsonWriter json, SchemaNames names, ModelDescriptions texts, bool isV3)
{
    private string Prefix => isV3 ? "#/components/schemas/" : "#/definitions/";

    /// <summary>All that the kinds reach, their list kinds and the scalar types, in order of name.</summary>
    public void Write(IReadOnlyCollection<ResourceDefinition> kinds)
    {
        var schemas = new SortedDictionary<string, Action>(StringComparer.Ordinal)
        {
            [SchemaNames.Quantity] = () => Scalar("Quantity is an amount as a decimal number with an optional suffix, such as 100m or 2Gi.", null, "number"),
            [SchemaNames.IntOrString] = () => Scalar("IntOrString holds a whole number or a string.", "int-or-string", "integer"),
            [$"{SchemaNames.Meta}.Time"] = () => Time("Time is a moment as RFC 3339 writes it."),
            [$"{SchemaNames.Meta}.MicroTime"] = () => Time("MicroTime is a moment with microseconds as RFC 3339 writes it."),
        };
        var documents = kinds.Concat(Subresources.Documents(kinds)).ToList();
        foreach (var model in SchemaNames.Reach(documents.Select(k => k.Model!)))
        {
            schemas[names[model]] = () => Model(model, documents.FirstOrDefault(k => k.Model == model));
        }

        foreach (var kind in kinds)
        {
            schemas[names.ListOf(kind)] = () => List(kind);
        }

        json.WriteStartObject();
        foreach (var (name, write) in schemas)
        {
            json.WritePropertyName(name);
            json.WriteStartObject();
            write();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>The extension that ties a schema or an operation to a kind.</summary>
    public static void GroupVersionKind(Utf8JsonWriter json, ResourceDefinition kind, bool asList, string suffix = "")
    {
        json.WritePropertyName("x-kubernetes-group-version-kind");
        if (asList)
        {
            json.WriteStartArray();
        }

        json.WriteStartObject();
        json.WriteString("group", kind.Group);
        json.WriteString("kind", kind.Kind + suffix);
        json.WriteString("version", kind.Version);
        json.WriteEndObject();
        if (asList)
        {
            json.WriteEndArray();
        }
    }

    private void Model(Type model, ResourceDefinition? kind)
    {
        Text(texts.Of(model));
        json.WriteString("type", "object");
        var required = FieldHints.Required(names[model]);
        if (required.Length > 0)
        {
            Strings("required", required);
        }

        json.WriteStartObject("properties");
        foreach (var field in ModelFields.Of(model).Values.OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            json.WriteStartObject(field.Name);
            Field(model, field);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        if (kind is not null)
        {
            GroupVersionKind(json, kind, asList: true);
        }
    }

    private void Field(Type model, ModelField field)
    {
        Text(texts.Of(model, field));
        if (FieldHints.Merge(names[model], field.Name) is { } merge)
        {
            json.WriteString("x-kubernetes-patch-strategy", merge.Strategy);
            if (merge.Key is not null)
            {
                json.WriteString("x-kubernetes-patch-merge-key", merge.Key);
            }
        }

        if (field.IsList || field.IsMap)
        {
            json.WriteString("type", field.IsList ? "array" : "object");
            json.WriteStartObject(field.IsList ? "items" : "additionalProperties");
            Value(field);
            json.WriteEndObject();
        }
        else
        {
            Value(field);
        }
    }

    private void Value(ModelField field)
    {
        switch (field.Shape)
        {
            case FieldShape.Text:
                json.WriteString("type", "string");
                break;
            case FieldShape.Flag:
                json.WriteString("type", "boolean");
                break;
            case FieldShape.Whole or FieldShape.WholeLong:
                json.WriteString("type", "integer");
                json.WriteString("format", field.Shape == FieldShape.Whole ? "int32" : "int64");
                break;
            case FieldShape.Number:
                json.WriteString("type", "number");
                json.WriteString("format", "double");
                break;
            case FieldShape.Bytes:
                json.WriteString("type", "string");
                json.WriteString("format", "byte");
                break;
            case FieldShape.Time:
                Reference($"{SchemaNames.Meta}.{(field.Name is "eventTime" or "lastObservedTime" or "renewTime" or "acquireTime" ? "MicroTime" : "Time")}");
                break;
            case FieldShape.IntOrString:
                Reference(SchemaNames.IntOrString);
                break;
            case FieldShape.Quantity:
                Reference(SchemaNames.Quantity);
                break;
            case FieldShape.Model:
                Reference(names[field.Type]);
                break;
            default:
                json.WriteString("type", "object");
                break;
        }
    }

    private void List(ResourceDefinition kind)
    {
        Text($"{kind.Kind}List is a list of {kind.Kind} objects.");
        json.WriteString("type", "object");
        Strings("required", ["items"]);
        json.WriteStartObject("properties");
        foreach (var (name, text) in ((string, string)[])[("apiVersion", "The version of this representation."), ("kind", "The name of this representation.")])
        {
            json.WriteStartObject(name);
            Text(text);
            json.WriteString("type", "string");
            json.WriteEndObject();
        }

        json.WriteStartObject("items");
        Text($"The {kind.Kind} objects.");
        json.WriteString("type", "array");
        json.WriteStartObject("items");
        Reference(names[kind.Model!]);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("metadata");
        Text("Metadata of the list.");
        Reference(names[typeof(k8s.Models.V1ListMeta)]);
        json.WriteEndObject();
        json.WriteEndObject();
        GroupVersionKind(json, kind, asList: true, "List");
    }

    // Version 3 ignores what stands beside a reference, so that the reference goes one level down.
    private void Reference(string name)
    {
        if (!isV3)
        {
            json.WriteString("$ref", Prefix + name);
            return;
        }

        json.WriteStartArray("allOf");
        json.WriteStartObject();
        json.WriteString("$ref", Prefix + name);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private void Scalar(string text, string? format, string other)
    {
        Text(text);
        if (format is not null)
        {
            json.WriteString("format", format);
        }

        if (!isV3)
        {
            json.WriteString("type", "string");
            return;
        }

        json.WriteStartArray("oneOf");
        foreach (var type in (string[])[other, "string"])
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void Time(string text)
    {
        Text(text);
        json.WriteString("type", "string");
        json.WriteString("format", "date-time");
    }

    private void Text(string? text)
    {
        if (text is { Length: > 0 })
        {
            json.WriteString("description", text);
        }
    }

    private void Strings(string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
