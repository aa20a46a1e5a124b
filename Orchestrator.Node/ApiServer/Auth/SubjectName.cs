using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.Node.ApiServer.Auth;

/// <summary>Who a certificate is for: the attributes of its subject, each read whole from the encoded name and never from its text, in which
/// a comma or a sign of equality may be part of a value.</summary>
/// <param name="CommonName">The user. Null when the subject has none, or several.</param>
/// <param name="Organizations">The user's groups.</param>
/// <remarks>Rules: Kubernetes, "Authenticating", X509 client certificates; X.501 name, RFC 5280 section 4.1.2.4.</remarks>
internal sealed record SubjectName(string? CommonName, IReadOnlyList<string> Organizations)
{
    private const string CommonNameOid = "2.5.4.3";
    private const string OrganizationOid = "2.5.4.10";

    /// <summary>Reads a subject; one that cannot be read is nobody's.</summary>
    public static SubjectName Read(X500DistinguishedName subject)
    {
        try
        {
            var attributes = Attributes(subject.RawData).ToList();
            var names = attributes.Where(a => a.Oid == CommonNameOid).Select(a => a.Value).ToList();
            return new SubjectName(names is [{ Length: > 0 } name] ? name : null, [.. attributes.Where(a => a.Oid == OrganizationOid).Select(a => a.Value)]);
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException or ArgumentException)
        {
            return new SubjectName(null, []);
        }
    }

    // A sequence of sets of attributes, mostly one to a set.
    private static IEnumerable<(string Oid, string Value)> Attributes(byte[] name)
    {
        for (var sets = new AsnReader(name, AsnEncodingRules.DER).ReadSequence(); sets.HasData;)
        {
            for (var set = sets.ReadSetOf(skipSortOrderValidation: true); set.HasData;)
            {
                var attribute = set.ReadSequence();
                var oid = attribute.ReadObjectIdentifier();
                if (oid is CommonNameOid or OrganizationOid)
                {
                    yield return (oid, attribute.ReadCharacterString((UniversalTagNumber)attribute.PeekTag().TagValue));
                }
            }
        }
    }
}
