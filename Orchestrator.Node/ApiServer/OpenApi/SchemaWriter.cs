using System.Text.Json;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Schema;
using Orchestrator.Node.ApiServer.Discovery;

namespace Orchestrator.Node.ApiServer.OpenApi;

/// <summary>Writes schemas as components, in the dialect of either version of OpenAPI.</summary>
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
        foreach (var schema in SchemaNames.Reach(documents))
        {
            schemas[names[schema]] = () => Component(schema, documents.FirstOrDefault(k => k.Schema == schema));
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

    private void Component(SchemaNode schema, ResourceDefinition? kind)
    {
        Text(schema.Model is { } model ? texts.Of(model) : (string?)schema.Document?["description"]);
        json.WriteString("type", "object");
        var required = schema.Fields.Values.Where(f => f.IsRequired).Select(f => f.Name).Order(StringComparer.Ordinal).ToList();
        if (required.Count > 0)
        {
            Strings("required", required);
        }

        json.WriteStartObject("properties");
        foreach (var field in schema.Fields.Values.OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            json.WriteStartObject(field.Name);
            Field(schema, field);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        if (kind is not null)
        {
            GroupVersionKind(json, kind, asList: true);
        }
    }

    private void Field(SchemaNode schema, SchemaField field)
    {
        Text(schema.Model is { } model ? texts.Of(model, field.Property!) : field.Description);
        if ((field.Merges ? field.RetainsKeys ? "merge,retainKeys" : "merge" : field.RetainsKeys ? "retainKeys" : null) is { } strategy)
        {
            json.WriteString("x-kubernetes-patch-strategy", strategy);
        }

        if (field.MergeKey is { } key)
        {
            json.WriteString("x-kubernetes-patch-merge-key", key);
        }

        Value(field.Value);
    }

    private void Value(SchemaNode node)
    {
        if (node.Document is { } document)
        {
            foreach (var (name, value) in document.Where(p => p.Key != "description"))
            {
                json.WritePropertyName(name);
                value!.WriteTo(json);
            }

            return;
        }

        switch (node.Type)
        {
            case SchemaType.Object:
                Reference(names[node]);
                break;
            case SchemaType.Map:
                Parts("object", "additionalProperties", node.Items!);
                break;
            case SchemaType.Array:
                ListType(node);
                Parts("array", "items", node.Items!);
                break;
            case SchemaType.Time:
                Reference($"{SchemaNames.Meta}.Time");
                break;
            case SchemaType.MicroTime:
                Reference($"{SchemaNames.Meta}.MicroTime");
                break;
            case SchemaType.IntOrString:
                Reference(SchemaNames.IntOrString);
                break;
            case SchemaType.Quantity:
                Reference(SchemaNames.Quantity);
                break;
            default:
                Plain(node);
                break;
        }
    }

    private void Plain(SchemaNode node)
    {
        var (type, format) = node.Type switch
        {
            SchemaType.Text => ("string", null),
            SchemaType.Bytes => ("string", "byte"),
            SchemaType.Boolean => ("boolean", null),
            SchemaType.Int32 => ("integer", "int32"),
            SchemaType.Int64 => ("integer", "int64"),
            SchemaType.Number => ("number", "double"),
            _ => ("object", (string?)null),
        };
        json.WriteString("type", type);
        if (format is not null)
        {
            json.WriteString("format", format);
        }

        if (!node.Values.IsEmpty)
        {
            Strings("enum", node.Values);
        }
    }

    private void Parts(string type, string name, SchemaNode parts)
    {
        json.WriteString("type", type);
        json.WriteStartObject(name);
        Value(parts);
        json.WriteEndObject();
    }

    private void ListType(SchemaNode list)
    {
        if (!list.Keys.IsEmpty)
        {
            Strings("x-kubernetes-list-map-keys", list.Keys);
        }

        if (list.IsSet || !list.Keys.IsEmpty)
        {
            json.WriteString("x-kubernetes-list-type", list.IsSet ? "set" : "map");
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
        Reference(names[kind.Schema]);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("metadata");
        Text("Metadata of the list.");
        Reference(names[SchemaNames.ListMeta]);
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
