using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Actors.Api;

/// <summary>The author of a request, recorded in the journal (Kubernetes, "Authenticating" and "User impersonation").</summary>
/// <param name="Name">Name of the user or of a component of the cluster.</param>
/// <param name="Groups">Groups of the user; empty for components.</param>
/// <param name="OnBehalfOf">The impersonated user; null without impersonation.</param>
[JsonConverter(typeof(UserInfoConverter))]
public sealed record UserInfo(string Name, ImmutableArray<string> Groups, string? OnBehalfOf = null)
{
    /// <summary>The group with access to everything.</summary>
    public const string Masters = "system:masters";

    /// <summary>The group of everybody who was authenticated.</summary>
    public const string Authenticated = "system:authenticated";

    /// <summary>Creates the user of a component of the cluster.</summary>
    public static implicit operator UserInfo(string name) => new(name, []);

    /// <inheritdoc/>
    public bool Equals(UserInfo? other) => other is not null && Name == other.Name && OnBehalfOf == other.OnBehalfOf && Groups.AsSpan().SequenceEqual(other.Groups.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, OnBehalfOf, Groups.Length);

    /// <inheritdoc/>
    public override string ToString() => OnBehalfOf is null ? Name : $"{OnBehalfOf} (as {Name})";
}

/// <summary>Serializes a component as its name and a user as an object.</summary>
internal sealed class UserInfoConverter : JsonConverter<UserInfo>
{
    public override UserInfo Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString()!;
        }

        using var document = JsonDocument.ParseValue(ref reader);
        var user = document.RootElement;
        return new UserInfo(
            user.GetProperty("name").GetString()!,
            [.. user.GetProperty("groups").EnumerateArray().Select(g => g.GetString()!)],
            user.TryGetProperty("onBehalfOf", out var behalf) ? behalf.GetString() : null);
    }

    public override void Write(Utf8JsonWriter writer, UserInfo value, JsonSerializerOptions options)
    {
        if (value is { Groups.IsEmpty: true, OnBehalfOf: null })
        {
            writer.WriteStringValue(value.Name);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("name", value.Name);
        writer.WriteStartArray("groups");
        foreach (var group in value.Groups)
        {
            writer.WriteStringValue(group);
        }

        writer.WriteEndArray();
        if (value.OnBehalfOf is not null)
        {
            writer.WriteString("onBehalfOf", value.OnBehalfOf);
        }

        writer.WriteEndObject();
    }
}
