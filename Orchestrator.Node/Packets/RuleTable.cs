using System.Text;

namespace Orchestrator.Node.Packets;

/// <summary>The packet rules of many owners in one table, and the transactions for <c>nft</c> that change them. An element that several want counts once: for whom it is reserved, for the oldest of them, for the first by name.</summary>
/// <param name="name">Name of the table.</param>
/// <param name="frame">What it consists of without any owner: shared maps and sets, and the chains that packets enter.</param>
internal sealed class RuleTable(string name, string frame)
{
    private readonly Dictionary<string, OwnedRules> _rules = [];
    private static readonly Comparer<(DateTime Since, string Owner)> ByAge = Comparer<(DateTime Since, string Owner)>.Create((a, b) =>
        a.Since == b.Since ? string.CompareOrdinal(a.Owner, b.Owner) : a.Since.CompareTo(b.Since));

    private readonly Dictionary<(string Map, string Key), SortedDictionary<(DateTime Since, string Owner), string>> _shared = [];

    /// <summary>Name of the table.</summary>
    public string Name => name;

    /// <summary>The owners that have rules.</summary>
    public IReadOnlyCollection<string> Owners => _rules.Keys;

    /// <summary>The transaction that makes the whole table as it is here, in place of what there was. Connections that the kernel knows are not cut by it.</summary>
    public string Whole() => $"{PacketTables.Without(name)}table {PacketTables.Family} {name} {{\n{frame}\n}}\n{new RuleTable(name, frame).Change(_rules)}";

    /// <summary>Changes the rules of owners.</summary>
    /// <param name="changes">New rules by owner; those of one that is gone are <see cref="OwnedRules.None"/>. They may refer to chains and sets of others that are there or come with them.</param>
    /// <returns>The transaction; empty if nothing changes.</returns>
    public string Change(IEnumerable<KeyValuePair<string, OwnedRules>> changes)
    {
        var all = changes.Select(c => (Owner: c.Key, Before: _rules.GetValueOrDefault(c.Key, OwnedRules.None), After: c.Value)).ToList();
        var text = new StringBuilder();

        // In this order nothing is used before it is there, nor removed while it is used.
        foreach (var (set, declaration) in all.SelectMany(c => c.After.Sets.Where(s => !c.Before.Sets.ContainsKey(s.Key))))
        {
            Line(text, $"add set {PacketTables.Family} {name} {set} {{ {declaration} }}");
        }

        WriteChains(text, all);
        WriteElements(text, all);
        var gone = all.SelectMany(c => c.Before.Chains.Keys.Where(k => !c.After.Chains.ContainsKey(k))).ToList();
        gone.ForEach(chain => Line(text, $"flush chain {PacketTables.Family} {name} {chain}"));
        gone.ForEach(chain => Line(text, $"delete chain {PacketTables.Family} {name} {chain}"));
        foreach (var set in all.SelectMany(c => c.Before.Sets.Keys.Where(s => !c.After.Sets.ContainsKey(s))))
        {
            Line(text, $"delete set {PacketTables.Family} {name} {set}");
        }

        foreach (var (owner, _, after) in all)
        {
            if (after.IsEmpty)
            {
                _rules.Remove(owner);
            }
            else
            {
                _rules[owner] = after;
            }
        }

        return text.ToString();
    }

    private void WriteChains(StringBuilder text, List<(string Owner, OwnedRules Before, OwnedRules After)> all)
    {
        var written = all.SelectMany(c => c.After.Chains.Select(k => (Name: k.Key, Rules: k.Value, IsKnown: c.Before.Chains.TryGetValue(k.Key, out var old), IsSame: !old.IsDefault && old.SequenceEqual(k.Value))))
            .Where(c => !c.IsSame).ToList();
        foreach (var chain in written)
        {
            Line(text, $"add chain {PacketTables.Family} {name} {chain.Name}");
        }

        foreach (var chain in written)
        {
            if (chain.IsKnown)
            {
                Line(text, $"flush chain {PacketTables.Family} {name} {chain.Name}");
            }

            foreach (var rule in chain.Rules)
            {
                Line(text, $"add rule {PacketTables.Family} {name} {chain.Name} {rule}");
            }
        }
    }

    private void WriteElements(StringBuilder text, List<(string Owner, OwnedRules Before, OwnedRules After)> all)
    {
        var touched = new Dictionary<(string Map, string Key), string?>();
        foreach (var (owner, before, after) in all)
        {
            foreach (var element in before.Elements.Keys.Concat(after.Elements.Keys))
            {
                touched.TryAdd(element, Effective(element));
                Unshare(element, Rank(before, element, owner));
                if (after.Elements.TryGetValue(element, out var value))
                {
                    Share(element, Rank(after, element, owner), value);
                }
            }
        }

        var changed = touched.Select(t => (Element: t.Key, Old: t.Value, New: Effective(t.Key))).Where(t => t.Old != t.New)
            .OrderBy(t => t.Element.Map, StringComparer.Ordinal).ThenBy(t => t.Element.Key, StringComparer.Ordinal).ToList();
        foreach (var ((map, key), old, now) in changed)
        {
            if (old is not null)
            {
                Line(text, $"delete element {PacketTables.Family} {name} {map} {{ {key} }}");
            }

            if (now is not null)
            {
                Line(text, $"add element {PacketTables.Family} {name} {map} {{ {key}{(now.Length == 0 ? "" : $" : {now}")} }}");
            }
        }
    }

    private static (DateTime, string) Rank(OwnedRules rules, (string, string) element, string owner) => (rules.Reserved.Contains(element) ? DateTime.MinValue : rules.Since, owner);

    private string? Effective((string, string) element) => _shared.TryGetValue(element, out var owners) ? owners.First().Value : null;

    private void Share((string, string) element, (DateTime, string) owner, string value) => (_shared.TryGetValue(element, out var owners) ? owners : _shared[element] = new(ByAge))[owner] = value;

    private void Unshare((string, string) element, (DateTime, string) owner)
    {
        if (_shared.TryGetValue(element, out var owners) && owners.Remove(owner) && owners.Count == 0)
        {
            _shared.Remove(element);
        }
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
