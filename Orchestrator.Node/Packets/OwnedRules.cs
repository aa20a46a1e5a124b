using System.Collections.Immutable;

namespace Orchestrator.Node.Packets;

/// <summary>The packet rules of one owner, such as a service: chains and sets of its own, and elements of the maps and sets that all owners share.</summary>
/// <param name="Chains">Rules by the name of the chain.</param>
/// <param name="Elements">Values by map or set and key; empty for an element of a set.</param>
/// <param name="Sets">Declarations of its own sets by name, such as <c>type ipv4_addr;</c>. That of a name never changes.</param>
internal sealed record OwnedRules(ImmutableSortedDictionary<string, ImmutableArray<string>> Chains, ImmutableDictionary<(string Map, string Key), string> Elements, ImmutableSortedDictionary<string, string> Sets)
{
    /// <summary>The rules of an owner without any.</summary>
    public static readonly OwnedRules None = new(ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty.WithComparers(StringComparer.Ordinal),
        ImmutableDictionary<(string, string), string>.Empty, ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal));

    /// <summary>Since when there is the owner: what several owners want is the oldest one's.</summary>
    public DateTime Since { get; init; }

    /// <summary>Elements that are the owner's also if others that want them are older, such as those of an address that was given to it alone.</summary>
    public ImmutableHashSet<(string Map, string Key)> Reserved { get; init; } = [];

    /// <summary>These and others of the same owner, none of which has the name of one of these.</summary>
    public OwnedRules With(OwnedRules others) => new(Chains.AddRange(others.Chains), Elements.AddRange(others.Elements), Sets.AddRange(others.Sets)) { Since = others.Since, Reserved = Reserved.Union(others.Reserved) };

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => Chains.IsEmpty && Elements.IsEmpty && Sets.IsEmpty;
}
