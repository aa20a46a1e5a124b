using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Node.Certificates;

namespace Orchestrator.Node.Tokens;

/// <summary>The keys of tokens, derived from the key of the API's authority, which every control host has: there is nothing to store or to copy to other hosts, and a
/// new key begins every 90 days. Whoever has the authority's key can issue admin certificates, so he gains nothing by the keys of tokens.</summary>
/// <param name="authority">The authority of the API.</param>
internal sealed class SigningKeys(KeyPair authority)
{
    /// <summary>The time for which a key signs.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromDays(90);

    /// <summary>The longest lifetime of a token.</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(365);

    // Those that may have signed a token that has not expired. The next one is published before it signs, for verifiers that keep the list for a while.
    private static readonly int Former = (int)Math.Ceiling(MaxLifetime / Period);

    // The order of the group of P-256 (NIST SP 800-186, section 3.2.1.3).
    private static readonly BigInteger Order =
        BigInteger.Parse("115792089210356248762697446949407573529996955224135760342422259061068512044369", System.Globalization.CultureInfo.InvariantCulture);

    private readonly byte[] _secret = SecretOf(authority);
    private readonly Lock _lock = new();
    private readonly Dictionary<long, SigningKey> _keys = [];

    /// <summary>The key that signs at a time.</summary>
    public SigningKey Current(DateTimeOffset now) => Of(Number(now));

    /// <summary>The keys that tokens may be signed with at a time, the one of the next period included.</summary>
    public IReadOnlyList<SigningKey> Valid(DateTimeOffset now)
    {
        var number = Number(now);
        return [.. Enumerable.Range(-Former, Former + 2).Reverse().Select(i => Of(number + i))];
    }

    private static long Number(DateTimeOffset now) => now.ToUnixTimeSeconds() / (long)Period.TotalSeconds;

    private SigningKey Of(long number)
    {
        lock (_lock)
        {
            return _keys.TryGetValue(number, out var known) ? known : _keys[number] = Derive(number);
        }
    }

    // FIPS 186-5, appendix A.2.1: 64 bits more than the order has, so that no scalar is likelier than another.
    private SigningKey Derive(long number)
    {
        var bytes = HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, 40, info: Encoding.UTF8.GetBytes($"orchestrator service account tokens {number}"));
        var scalar = (new BigInteger(bytes, isUnsigned: true, isBigEndian: true) % (Order - 1)) + 1;
        var padded = new byte[32];
        var given = scalar.ToByteArray(isUnsigned: true, isBigEndian: true);
        given.CopyTo(padded, padded.Length - given.Length);
        return new SigningKey(ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = padded }));
    }

    // Its encoding is the same on every host, because join files contain the text.
    private static byte[] SecretOf(KeyPair pair) => Convert.FromBase64String(pair.Key[PemEncoding.Find(pair.Key).Base64Data]);
}

/// <summary>One key.</summary>
internal sealed class SigningKey
{
    /// <summary>Takes a key.</summary>
    public SigningKey(ECDsa key)
    {
        Id = Microsoft.IdentityModel.Tokens.Base64UrlEncoder.Encode(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
        Security = new Microsoft.IdentityModel.Tokens.ECDsaSecurityKey(key) { KeyId = Id };
        Public = key.ExportParameters(includePrivateParameters: false);
    }

    /// <summary>The <c>kid</c> of tokens: a hash of the public key, as in Kubernetes.</summary>
    public string Id { get; }

    /// <summary>The key in the form of the JWT library.</summary>
    public Microsoft.IdentityModel.Tokens.ECDsaSecurityKey Security { get; }

    /// <summary>The public key.</summary>
    public ECParameters Public { get; }
}
