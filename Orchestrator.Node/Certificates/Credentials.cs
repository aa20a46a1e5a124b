using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Node.Certificates;

/// <summary>What makes a host one of its cluster: what is in its data directory, or in the file that it joins with.</summary>
/// <param name="Cluster">The authority of the hosts: who has its key is a host of the cluster.</param>
/// <param name="Api">The authority of the API server and the admin. Control hosts have it.</param>
/// <param name="AdminToken">The admin's bearer token, the same on every control host.</param>
internal sealed record Credentials(KeyPair? Cluster, KeyPair? Api, string? AdminToken)
{
    private const string Certificate = "CERTIFICATE";
    private const string PrivateKey = "PRIVATE KEY";
    private const string Token = "ORCHESTRATOR ADMIN TOKEN";

    public static readonly Credentials None = new(null, null, null);

    /// <summary>What the host goes by; null parts are to be made.</summary>
    /// <param name="own">What the data directory has.</param>
    /// <param name="given">What the join file has.</param>
    /// <param name="isControl">The host needs the API's authority too.</param>
    /// <param name="mayFound">The host begins a cluster of its own when it knows none.</param>
    /// <returns>The credentials, or a sentence that says what is missing or contradicts.</returns>
    public static (Credentials? Settled, string? Error) Settle(Credentials own, Credentials given, bool isControl, bool mayFound)
    {
        if (AreOther(own.Cluster, given.Cluster) || AreOther(own.Api, given.Api))
        {
            return (null, "the file is of another cluster than the data directory, whose certificates are in pki");
        }

        var settled = new Credentials(own.Cluster ?? given.Cluster, isControl ? own.Api ?? given.Api : null, isControl ? own.AdminToken ?? given.AdminToken : null);
        if (mayFound || (settled.Cluster is not null && (!isControl || settled.Api is not null)))
        {
            return (settled, null);
        }

        var kind = isControl ? "control" : "worker";
        return (null, given == None ? $"a host that joins a cluster needs --join with pki/{kind}.join of a control host's data directory"
            : "the file is a worker's; a control host needs pki/control.join of another one");
    }

    /// <summary>The text of a join file.</summary>
    public string ToText()
    {
        var text = new StringBuilder("Lets a host join this cluster: orc up --join FILE. Whoever has it has the cluster.\n");
        foreach (var pair in (KeyPair?[])[Cluster, Api])
        {
            text.Append(pair is null ? "" : $"{pair.Certificate.Trim()}\n{pair.Key.Trim()}\n");
        }

        return text.Append(AdminToken is null ? "" : PemEncoding.WriteString(Token, Encoding.UTF8.GetBytes(AdminToken)) + "\n").ToString();
    }

    /// <summary>Reads a join file.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Credentials Parse(string text)
    {
        var blocks = Blocks(text).ToArray();
        return blocks.Select(b => b.Label).ToArray() switch
        {
            [Certificate, PrivateKey] => new Credentials(Pair(0), null, null),
            [Certificate, PrivateKey, Certificate, PrivateKey, Token] => new Credentials(Pair(0), Pair(2), Encoding.UTF8.GetString(blocks[4].Data)),
            _ => throw new FormatException("it is no join file; a control host's are pki/worker.join and pki/control.join in its data directory"),
        };

        KeyPair Pair(int at)
        {
            var pair = new KeyPair(blocks[at].Text, blocks[at + 1].Text);
            try
            {
                pair.Load().Dispose();
                return pair;
            }
            catch (CryptographicException e)
            {
                throw new FormatException($"its certificates cannot be read: {e.Message}", e);
            }
        }
    }

    private static IEnumerable<(string Label, string Text, byte[] Data)> Blocks(string text)
    {
        while (PemEncoding.TryFind(text, out var fields))
        {
            yield return (text[fields.Label], text[fields.Location] + "\n", Convert.FromBase64String(text[fields.Base64Data]));
            text = text[fields.Location.End..];
        }
    }

    private static bool AreOther(KeyPair? own, KeyPair? given) => own is not null && given is not null && own.Fingerprint != given.Fingerprint;
}
