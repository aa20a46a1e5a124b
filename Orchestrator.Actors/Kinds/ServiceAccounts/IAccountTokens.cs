namespace Orchestrator.Actors.Kinds.ServiceAccounts;

/// <summary>Issues tokens of ServiceAccounts. Only control hosts can.</summary>
public interface IAccountTokens
{
    /// <summary>Issues a token.</summary>
    /// <param name="subject">Whom it is for.</param>
    /// <param name="audiences">Who is to accept it; empty for the API server.</param>
    /// <param name="lifetime">Its lifetime. It is cut to a year.</param>
    IssuedToken Issue(TokenSubject subject, IReadOnlyList<string> audiences, TimeSpan lifetime);
}

/// <summary>A token.</summary>
/// <param name="Text">The token. It is in no log: the text of this record leaves it out.</param>
/// <param name="Audiences">Who accepts it.</param>
/// <param name="Expires">When it expires.</param>
public sealed record IssuedToken(string Text, IReadOnlyList<string> Audiences, DateTimeOffset Expires)
{
    /// <inheritdoc/>
    public override string ToString() => $"token until {Expires:u}";
}
