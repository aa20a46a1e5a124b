using System.Collections.Immutable;
using System.Text;
using k8s.Models;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>The file of a token in a volume, and who may read it.</summary>
/// <remarks>Rules: Kubernetes, "Projected Volumes", security context interactions.</remarks>
internal static class TokenFile
{
    private const int OfUser = 0b110_000_000;
    private const int OfGroup = 0b110_100_000;

    /// <summary>Builds the file.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="source">What the volume asks for.</param>
    /// <param name="mode">Permission bits of the volume's files.</param>
    /// <param name="tokens">The tokens of the pod.</param>
    /// <exception cref="LaunchException">There is no such token.</exception>
    public static ConfigurationFile Of(PodManifest pod, V1ServiceAccountTokenProjection source, int mode, ImmutableArray<PodToken> tokens)
    {
        var wanted = PodAccount.SourceOf(source);
        var token = tokens.FirstOrDefault(t => (t.Audience, t.Seconds) == wanted) ?? throw new LaunchException("there is no token of the service account for the volume");
        var file = new ConfigurationFile(source.Path, Encoding.UTF8.GetBytes(token.Text), mode);

        // Only root can give files away; without it everybody in the container can read the file, as without these settings.
        return !Environment.IsPrivilegedProcess ? file
            : pod.Spec.SecurityContext?.FsGroup is { } group ? file with { Mode = OfGroup, Group = group }
            : UserOf(pod) is { } user ? file with { Mode = OfUser, User = user }
            : file;
    }

    // Only a user who is that of all containers can own the file.
    private static long? UserOf(PodManifest pod)
    {
        var users = pod.Spec.All().Select(c => c.SecurityContext?.RunAsUser ?? pod.Spec.SecurityContext?.RunAsUser).Distinct().ToList();
        return users is [{ } one] ? one : null;
    }
}
