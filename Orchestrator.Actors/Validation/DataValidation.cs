using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Validation;

/// <summary>Validates the data of ConfigMaps and Secrets: keys, total size and immutability.</summary>
internal static class DataValidation
{
    private const int MaxData = 1024 * 1024;

    public static void Check(JsonObject o, FieldErrors errors)
    {
        var size = 0;
        foreach (var map in (string[])["data", "binaryData"])
        {
            foreach (var (key, value) in o[map] as JsonObject ?? [])
            {
                size += Encoding.UTF8.GetByteCount(value!.GetValue<string>());
                if (Names.DataKey(key) is { } error)
                {
                    errors.Invalid($"{map}[{key}]", key, error);
                }

                if (map == "binaryData" && o["data"]?[key] is not null)
                {
                    errors.Invalid($"data[{key}]", key, "duplicate of key present in binaryData");
                }
            }
        }

        if (size > MaxData * 4 / 3)
        {
            errors.TooLong("data", MaxData);
        }
    }

    public static void CheckUpdate(JsonObject o, JsonObject old, FieldErrors errors)
    {
        if (old["immutable"]?.GetValue<bool>() != true)
        {
            return;
        }

        foreach (var field in (string[])["immutable", "data", "binaryData"])
        {
            if (!JsonNode.DeepEquals(old[field], o[field]))
            {
                errors.Forbidden(field, "field is immutable when `immutable` is set");
            }
        }
    }
}
