using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;
using Akka.Actor;
using Akka.Serialization;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Wire;

/// <summary>Serializes an object as its resource and its canonical JSON.</summary>
internal sealed class KubeObjectConverter(ResourceRegistry registry) : JsonConverter<KubeObject>
{
    public override KubeObject? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var resource = document.RootElement.GetProperty("resource").GetString()!;
        var kind = registry.ByResource(resource) ?? throw new JsonException($"The kind {resource} is not served here.");
        return KubeObject.From(kind, document.RootElement.GetProperty("object").GetBytesFromBase64());
    }

    public override void Write(Utf8JsonWriter writer, KubeObject value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("resource", value.Kind.Resource);
        writer.WriteBase64String("object", value.Json.Span);
        writer.WriteEndObject();
    }
}

/// <summary>Serializes an actor reference as its full path.</summary>
internal sealed class ActorRefConverter(ExtendedActorSystem system) : JsonConverter<IActorRef>
{
    public override bool CanConvert(Type typeToConvert) => typeof(IActorRef).IsAssignableFrom(typeToConvert);

    public override IActorRef Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        system.Provider.ResolveActorRef(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, IActorRef value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Serialization.SerializedActorPath(value));
}

/// <summary>Serializes a message inside a message with its name.</summary>
internal sealed class EnvelopeConverter(FrozenDictionary<string, Type> types, FrozenDictionary<Type, string> names) : JsonConverter<ToNode>
{
    public override ToNode Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var manifest = document.RootElement.GetProperty("manifest").GetString()!;
        var type = types.GetValueOrDefault(manifest) ?? throw new JsonException($"{manifest} is not known here.");
        return new ToNode(document.RootElement.GetProperty("node").GetString()!, document.RootElement.GetProperty("message").Deserialize(type, options)!);
    }

    public override void Write(Utf8JsonWriter writer, ToNode value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("node", value.Node);
        writer.WriteString("manifest", names[value.Message.GetType()]);
        writer.WritePropertyName("message");
        JsonSerializer.Serialize(writer, value.Message, value.Message.GetType(), options);
        writer.WriteEndObject();
    }
}
