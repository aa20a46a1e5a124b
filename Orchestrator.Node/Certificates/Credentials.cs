using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Node.Certificates;

/// <summary>Credentials of a host, from its data directory or from a join file.</summary>
/// <param name="Cluster">CA of the hosts; whoever has its key can join the cluster.</param>
/// <param name="Api">CA of the API server and the admin; only on control hosts.</param>
/// <param name="AdminToken">The admin's bearer token, the same on every control host.</param>
internal sealed record Credentials(KeyPair? Cluster, KeyPair? Api, string? AdminToken)
{
    private const string Certificate = "CERTIFICATE";
    private const string PrivateKey = "PRIVATE KEY";
    private const string Token = "ORCHESTRATOR ADMIN TOKEN";

    public static readonly Credentials None = new(null, null, null);

    /// <summary>Combines own and given credentials; missing parts are null and have to be generated.</summary>
    /// <param name="own">Credentials in the data directory.</param>
    /// <param name="given">Credentials in the join file.</param>
    /// <param name="isControl">Whether the host needs the CA of the API too.</param>
    /// <param name="mayBootstrap">Whether the host may form a new cluster.</param>
    /// <returns>The credentials, or an error that says what is missing or does not match.</returns>
    public static (Credentials? Resolved, string? Error) Resolve(Credentials own, Credentials given, bool isControl, bool mayBootstrap)
    {
        if (Differ(own.Cluster, given.Cluster) || Differ(own.Api, given.Api))
        {
            return (null, "the file belongs to another cluster than the certificates in pki of the data directory");
        }

        var resolved = new Credentials(own.Cluster ?? given.Cluster, isControl ? own.Api ?? given.Api : null, isControl ? own.AdminToken ?? given.AdminToken : null);
        if (mayBootstrap || (resolved.Cluster is not null && (!isControl || resolved.Api is not null)))
        {
            return (resolved, null);
        }

        var kind = isControl ? "control" : "worker";
        return (null, given == None ? $"a host that joins a cluster needs --join with pki/{kind}.join of a control host's data directory"
            : "the file is for workers; a control host needs pki/control.join of another control host");
    }

    /// <summary>Returns the content of a join file.</summary>
    public string ToText()
    {
        var text = new StringBuilder("Join file: lets a host join this cluster with 'orc up --join FILE'. Keep it secret: it grants full access to the cluster.\n");
        foreach (var pair in (KeyPair?[])[Cluster, Api])
        {
            text.Append(pair is null ? "" : $"{pair.Certificate.Trim()}\n{pair.Key.Trim()}\n");
        }

        return text.Append(AdminToken is null ? "" : PemEncoding.WriteString(Token, Encoding.UTF8.GetBytes(AdminToken)) + "\n").ToString();
    }

    /// <summary>Reads a join file.</summary>
    /// <exception cref="FormatException">The text is not a join file.</exception>
    public static Credentials Parse(string text)
    {
        var blocks = Blocks(text).ToArray();
        return blocks.Select(b => b.Label).ToArray() switch
        {
            [Certificate, PrivateKey] => new Credentials(Pair(0), null, null),
            [Certificate, PrivateKey, Certificate, PrivateKey, Token] => new Credentials(Pair(0), Pair(2), Encoding.UTF8.GetString(blocks[4].Data)),
            _ => throw new FormatException("not a join file; join files are pki/worker.join and pki/control.join in the data directory of a control host"),
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

    private static bool Differ(KeyPair? own, KeyPair? given) => own is not null && given is not null && own.Fingerprint != given.Fingerprint;
}
