using System.Text.Json;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Discovery;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.OpenApi;

/// <summary>Writes the paths of the kinds: what kubectl looks at to find the kind of a resource and the parameters of a verb.</summary>
internal sealed class PathWriter(Utf8JsonWriter json, SchemaNames names, bool isV3)
{
    private static readonly string[] Writing = ["dryRun", "fieldManager", "fieldValidation"];
    private static readonly string[] Patching = [.. Writing, "force"];
    private static readonly string[] Deleting = ["dryRun", "gracePeriodSeconds", "propagationPolicy"];
    private static readonly string[] Logging = ["container", "follow", "limitBytes", "previous", "sinceSeconds", "sinceTime", "tailLines", "timestamps"];
    private static readonly string[] Listing = ["continue", "fieldSelector", "labelSelector", "limit", "resourceVersion", "resourceVersionMatch", "timeoutSeconds", "watch"];

    public void Write(IEnumerable<ResourceDefinition> kinds)
    {
        json.WriteStartObject();
        foreach (var kind in kinds)
        {
            var root = kind.Group.Length == 0 ? $"/api/{kind.Version}" : $"/apis/{kind.Group}/{kind.Version}";
            var home = kind.Namespaced ? $"{root}/namespaces/{{namespace}}/{kind.Plural}" : $"{root}/{kind.Plural}";
            string[] place = kind.Namespaced ? ["namespace"] : [];
            var one = names[kind.Schema];
            if (kind.Namespaced && kind.Verbs.Contains("list"))
            {
                Path($"{root}/{kind.Plural}", [], () => Operation("get", "list", kind, Listing, names.ListOf(kind)));
            }

            Path(home, place, () =>
            {
                Allowed(kind, "list", () => Operation("get", "list", kind, Listing, names.ListOf(kind)));
                Allowed(kind, "create", () => Operation("post", "post", kind, Writing, one, one));
                Allowed(kind, "deletecollection", () => Operation("delete", "deletecollection", kind, [.. Deleting, .. Listing], null));
            });
            if (kind.Verbs.Contains("get"))
            {
                Path($"{home}/{{name}}", [.. place, "name"], () =>
                {
                    Operation("get", "get", kind, [], one);
                    Allowed(kind, "update", () => Operation("put", "put", kind, Writing, one, one));
                    Allowed(kind, "patch", () => Operation("patch", "patch", kind, Patching, one, one));
                    Allowed(kind, "delete", () => Operation("delete", "delete", kind, Deleting, null));
                });
            }

            foreach (var subresource in kind.Subresources)
            {
                Path($"{home}/{{name}}/{subresource}", [.. place, "name"], () => Subresource(kind, subresource));
            }
        }

        json.WriteEndObject();
    }

    private static void Allowed(ResourceDefinition kind, string verb, Action operation)
    {
        if (kind.Verbs.Contains(verb))
        {
            operation();
        }
    }

    private void Subresource(ResourceDefinition kind, string name)
    {
        var document = Subresources.DocumentOf(kind, name);
        var body = names[document.Schema];
        foreach (var verb in Subresources.Verbs(name))
        {
            switch (verb)
            {
                case var _ when Subresources.IsConnection(name):
                    Operation(Subresources.Method(verb).ToLowerInvariant(), "connect", document, [], answer: null, suffix: Connection(name));
                    break;
                case "create":
                    Operation("post", "post", document, Writing, body, body);
                    break;
                case "update":
                    Operation("put", "put", document, Writing, body, body);
                    break;
                case "patch":
                    Operation("patch", "patch", document, Patching, body, body);
                    break;
                default:
                    Operation("get", "get", document, name == "log" ? Logging : [], name == "log" ? null : body);
                    break;
            }
        }
    }

    private void Path(string path, string[] inPath, Action operations)
    {
        json.WriteStartObject(path);
        operations();
        if (inPath.Length > 0)
        {
            json.WriteStartArray("parameters");
            Array.ForEach(inPath, name => Parameter(name, "path"));
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    // Of a kind of their own, such as PodExecOptions: clients look at any operation of a kind to see what writing it takes.
    private static string Connection(string name) => name switch { "exec" => "ExecOptions", "attach" => "AttachOptions", "portforward" => "PortForwardOptions", _ => "ProxyOptions" };

    private void Operation(string method, string action, ResourceDefinition kind, string[] query, string? answer, string? body = null, string suffix = "")
    {
        json.WriteStartObject(method);
        json.WriteString("x-kubernetes-action", action);
        SchemaWriter.GroupVersionKind(json, kind, asList: false, suffix);
        json.WriteStartArray("parameters");
        Array.ForEach(query, name => Parameter(name, "query"));
        if (body is not null && !isV3)
        {
            json.WriteStartObject();
            json.WriteString("name", "body");
            json.WriteString("in", "body");
            json.WriteBoolean("required", true);
            Schema(body);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (body is not null && isV3)
        {
            json.WriteStartObject("requestBody");
            Content(method == "patch" ? PatchBody.TypesOf(kind) : ["application/json"], body);
            json.WriteEndObject();
        }

        json.WriteStartObject("responses");
        json.WriteStartObject(method == "post" ? "201" : "200");
        json.WriteString("description", "OK");
        if (answer is not null && isV3)
        {
            Content(["application/json"], answer);
        }
        else if (answer is not null)
        {
            Schema(answer);
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void Content(string[] types, string component)
    {
        json.WriteStartObject("content");
        foreach (var type in types)
        {
            json.WriteStartObject(type);
            Schema(component);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private void Schema(string component)
    {
        json.WriteStartObject("schema");
        json.WriteString("$ref", (isV3 ? "#/components/schemas/" : "#/definitions/") + component);
        json.WriteEndObject();
    }

    private void Parameter(string name, string place)
    {
        var type = name switch
        {
            "watch" or "force" or "follow" or "previous" or "timestamps" => "boolean",
            "limit" or "timeoutSeconds" or "gracePeriodSeconds" or "limitBytes" or "sinceSeconds" or "tailLines" => "integer",
            _ => "string",
        };
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("in", place);
        if (place == "path")
        {
            json.WriteBoolean("required", true);
        }

        if (isV3)
        {
            json.WriteStartObject("schema");
        }

        json.WriteString("type", type);
        json.WriteBoolean("uniqueItems", true);
        if (isV3)
        {
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
