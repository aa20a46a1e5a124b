using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.ResourceQuotas;

/// <summary>Room that a quota handed out for an object that is about to be stored. It is part of <c>status.used</c> until the object itself is counted.</summary>
/// <param name="Id">Chosen by who reserves.</param>
/// <param name="For">The object.</param>
/// <param name="Since">Revision of the object before it uses the room: what is counted of a later one includes it.</param>
/// <param name="At">When it was reserved.</param>
/// <param name="Amounts">What was reserved.</param>
internal sealed record QuotaReservation(string Id, ObjectKey For, long Since, DateTimeOffset At, ResourceAmounts Amounts)
{
    /// <summary>Beginning of the annotations in which a quota keeps its books. Only its own commands write them.</summary>
    public const string Annotations = "quota.orchestrator.io/";

    private const string Prefix = Annotations + "reserved-";

    /// <summary>Time after which a reservation counts no more if its object has not been seen: whoever made it has stored the object by then, or never will.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Name of its annotation.</summary>
    public string Annotation => Prefix + Id;

    /// <summary>Value of its annotation.</summary>
    public string Text => new JsonObject
    {
        ["for"] = For.PersistenceId,
        ["since"] = Since,
        ["at"] = At.ToString("O", CultureInfo.InvariantCulture),
        ["amounts"] = Amounts.ToNode(),
    }.ToJsonString();

    /// <summary>Returns the reservations of a quota.</summary>
    public static IReadOnlyList<QuotaReservation> Of(V1ResourceQuota quota) => quota.Metadata.Annotations is null ? []
        : [.. quota.Metadata.Annotations.Where(a => a.Key.StartsWith(Prefix, StringComparison.Ordinal)).Select(a => Read(a.Key[Prefix.Length..], a.Value))];

    private static QuotaReservation Read(string id, string text)
    {
        var node = JsonNode.Parse(text)!;
        return new QuotaReservation(id, ObjectKey.Parse((string)node["for"]!)!, (long)node["since"]!,
            DateTimeOffset.Parse((string)node["at"]!, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind), ResourceAmounts.Read(node["amounts"]));
    }
}
