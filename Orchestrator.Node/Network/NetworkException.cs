namespace Orchestrator.Node.Network;

/// <summary>The network of a pod cannot be made.</summary>
internal sealed class NetworkException(string message) : Exception(message);
