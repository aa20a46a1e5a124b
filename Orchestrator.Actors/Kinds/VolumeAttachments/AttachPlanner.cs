namespace Orchestrator.Actors.Kinds.VolumeAttachments;

/// <summary>A node, as far as attaching volumes to it goes.</summary>
/// <param name="Exists">Whether there is such a node.</param>
/// <param name="IsReady">Whether its agent says that it is well.</param>
/// <param name="IsOutOfService">Whether somebody said that it is down and stays so (taint <c>node.kubernetes.io/out-of-service</c>).</param>
internal sealed record AttachNode(bool Exists, bool IsReady, bool IsOutOfService);

/// <summary>An attachment of a volume.</summary>
/// <param name="Name">Name of the object.</param>
/// <param name="Node">The node.</param>
/// <param name="IsDeleting">Whether it is being undone.</param>
/// <param name="IsMounted">Whether the node has the volume mounted, or may have.</param>
/// <param name="UnusedSince">Since when no pod needs it although it is mounted; null if that was not noticed.</param>
internal sealed record Attachment(string Name, string Node, bool IsDeleting, bool IsMounted, DateTimeOffset? UnusedSince);

/// <summary>What is known of a volume and those that use it.</summary>
/// <param name="IsNeeded">Whether its driver attaches volumes to nodes.</param>
/// <param name="IsExclusive">Whether one node alone may have it.</param>
/// <param name="Users">The nodes of the pods that use it.</param>
/// <param name="Attachments">Those that there are.</param>
/// <param name="Node">Looks up a node.</param>
internal sealed record AttachFacts(bool IsNeeded, bool IsExclusive, IReadOnlyList<string> Users, IReadOnlyList<Attachment> Attachments, Func<string, AttachNode> Node);

/// <summary>What is to become of the attachments of a volume.</summary>
/// <param name="Attach">Nodes that it is attached to.</param>
/// <param name="Detach">Attachments that are undone.</param>
/// <param name="Unused">Attachments of which it is noted that nobody needs them.</param>
/// <param name="Used">Attachments of which that is true no longer.</param>
/// <param name="Refused">Nodes that want it while another has it, and may not.</param>
/// <param name="RecheckAfter">When time alone changes that; null if it does not.</param>
internal sealed record AttachPlan(
    IReadOnlyList<string> Attach, IReadOnlyList<Attachment> Detach, IReadOnlyList<Attachment> Unused, IReadOnlyList<Attachment> Used, IReadOnlyList<string> Refused, TimeSpan? RecheckAfter);

/// <summary>Decides to which nodes a volume is attached (Kubernetes' attach and detach controller, and "Node Shutdowns", forced detach). Pure.</summary>
/// <remarks>A volume is detached once its node has unmounted it; a node that does not answer is waited for <see cref="UnmountBound"/>, and one that is gone or out of service is not.</remarks>
internal static class AttachPlanner
{
    /// <summary>How long a node that is not well has for unmounting what no pod needs. 6 min.</summary>
    public static readonly TimeSpan UnmountBound = TimeSpan.FromMinutes(6);

    /// <summary>Plans.</summary>
    public static AttachPlan Plan(AttachFacts facts, DateTimeOffset now)
    {
        var nodes = !facts.IsNeeded ? [] : facts.Users.Distinct().Where(n => facts.Node(n) is { Exists: true, IsOutOfService: false }).Order(StringComparer.Ordinal).ToList();
        var (attach, refused) = (new List<string>(), new List<string>());
        foreach (var node in nodes.Where(n => facts.Attachments.All(a => a.Node != n)))
        {
            (facts.IsExclusive && (facts.Attachments.Count > 0 || attach.Count > 0) ? refused : attach).Add(node);
        }

        var (detach, unused, used) = (new List<Attachment>(), new List<Attachment>(), new List<Attachment>());
        TimeSpan? recheck = null;
        foreach (var attachment in facts.Attachments.Where(a => !a.IsDeleting))
        {
            if (nodes.Contains(attachment.Node))
            {
                if (attachment.UnusedSince is not null)
                {
                    used.Add(attachment);
                }

                continue;
            }

            switch (facts.Node(attachment.Node))
            {
                case var node when !node.Exists || node.IsOutOfService || !attachment.IsMounted:
                    detach.Add(attachment);
                    break;
                case var _ when attachment.UnusedSince is null:
                    unused.Add(attachment);
                    break;
                case { IsReady: false } when now - attachment.UnusedSince >= UnmountBound:
                    detach.Add(attachment);
                    break;
                case { IsReady: false }:
                    var rest = UnmountBound - (now - attachment.UnusedSince!.Value);
                    recheck = recheck < rest ? recheck : rest;
                    break;
            }
        }

        return new AttachPlan(attach, detach, unused, used, refused, recheck);
    }
}
