using System.Security.Cryptography;

namespace Orchestrator.Actors.Entities;

/// <summary>Creates ids. An interface, so that tests can supply fixed ones.</summary>
public interface IIdSource
{
    /// <summary>Creates a uid for <c>metadata.uid</c>.</summary>
    string NewUid();

    /// <summary>Creates five letters and digits for a generated name.</summary>
    string NewSuffix();
}

/// <summary>Ids from the system's random source.</summary>
public sealed class RandomIdSource : IIdSource
{
    // No vowels, so that names are not words, and no characters that look alike.
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <inheritdoc/>
    public string NewUid() => new Guid(RandomNumberGenerator.GetBytes(16)).ToString();

    /// <inheritdoc/>
    public string NewSuffix() => RandomNumberGenerator.GetString(Alphabet, 5);
}
