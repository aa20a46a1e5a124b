#:package KubernetesClient
#:property PublishAot=false
// Prints the model classes of the KubernetesClient package as JSON, for generate-schema-facts.py:
// {"V1PodSpec": {"containers": "IList`1<V1Container>", …}, …}
// usage: dotnet run scripts/list-model-classes.cs > models.json
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s.Models;

var classes = new JsonObject();
foreach (var type in typeof(V1Pod).Assembly.GetExportedTypes().Where(t => t.Namespace == "k8s.Models" && t.IsClass).OrderBy(t => t.Name, StringComparer.Ordinal))
{
    var fields = new JsonObject();
    foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
    {
        if (property.GetCustomAttribute<JsonPropertyNameAttribute>() is { } name)
        {
            fields[name.Name] = NameOf(property.PropertyType);
        }
    }

    if (fields.Count > 0)
    {
        classes[type.Name] = fields;
    }
}

Console.WriteLine(classes.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));

static string NameOf(Type type) => type.IsGenericType
    ? $"{type.Name}<{string.Join(",", type.GetGenericArguments().Select(NameOf))}>"
    : type.Name;
