using System.Security.Cryptography;

namespace Orchestrator.Actors.Entities;

/// <summary>Fresh ids, an input so that tests can fix them.</summary>
public interface IIdSource
{
    /// <summary>A uid as metadata.uid has it.</summary>
    string NewUid();

    /// <summary>Five letters and digits for a generated name.</summary>
    string NewSuffix();
}

/// <summary>Ids from the system's random source.</summary>
public sealed class RandomIdSource : IIdSource
{
    // No vowels and no look-alikes: a generated name is never a word.
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <inheritdoc/>
    public string NewUid() => new Guid(RandomNumberGenerator.GetBytes(16)).ToString();

    /// <inheritdoc/>
    public string NewSuffix() => RandomNumberGenerator.GetString(Alphabet, 5);
}
