using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Kinds.ServiceAccounts;

/// <summary>An object that a token is bound to: without it, the token is not valid.</summary>
/// <param name="Kind"><c>Pod</c>, <c>Secret</c> or <c>Node</c>.</param>
/// <param name="Name">Its name. A Pod or Secret is in the namespace of the account.</param>
/// <param name="Uid">Its uid. Another object of the same name is another object.</param>
public sealed record BoundObject(string Kind, string Name, string Uid);

/// <summary>Whom a token is for: an account, and what the token is bound to (Kubernetes, "Managing Service Accounts", bound tokens).</summary>
/// <param name="Namespace">Namespace of the account.</param>
/// <param name="Name">Name of the account.</param>
/// <param name="Uid">Uid of the account.</param>
/// <param name="Bound">What the token is bound to; null if to the account alone.</param>
/// <param name="Node">The node of the pod that the token is bound to; tells who used the token, and does not limit it. Null if unknown.</param>
public sealed record TokenSubject(string Namespace, string Name, string Uid, BoundObject? Bound = null, BoundObject? Node = null)
{
    /// <summary>The group of all accounts.</summary>
    public const string Group = "system:serviceaccounts";

    private const string Prefix = "system:serviceaccount:";

    /// <summary>The name of the account as a user.</summary>
    public string UserName => $"{Prefix}{Namespace}:{Name}";

    /// <summary>The account as a user, with its groups.</summary>
    public UserInfo User => new(UserName, [Group, $"{Group}:{Namespace}"]);
}
