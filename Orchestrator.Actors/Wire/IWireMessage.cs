namespace Orchestrator.Actors.Wire;

/// <summary>A message between hosts. <see cref="WireSerializer"/> must know its type.</summary>
public interface IWireMessage;
