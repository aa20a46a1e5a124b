using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Actors.Api;

/// <summary>Who asks, and stands in the journal for it (Kubernetes, "Authenticating" and "User impersonation").</summary>
/// <param name="Name">The user's name, or that of a component of the cluster.</param>
/// <param name="Groups">The groups that the user is in; empty for components.</param>
/// <param name="OnBehalfOf">The user as whom it acts; null when it acts as itself.</param>
[JsonConverter(typeof(UserInfoConverter))]
public sealed record UserInfo(string Name, ImmutableArray<string> Groups, string? OnBehalfOf = null)
{
    /// <summary>The group that may do everything.</summary>
    public const string Masters = "system:masters";

    /// <summary>A component of the cluster.</summary>
    public static implicit operator UserInfo(string name) => new(name, []);

    /// <inheritdoc/>
    public bool Equals(UserInfo? other) => other is not null && Name == other.Name && OnBehalfOf == other.OnBehalfOf && Groups.AsSpan().SequenceEqual(other.Groups.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, OnBehalfOf, Groups.Length);

    /// <inheritdoc/>
    public override string ToString() => OnBehalfOf is null ? Name : $"{OnBehalfOf} (as {Name})";
}

/// <summary>A component travels as its name; a user as an object.</summary>
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
