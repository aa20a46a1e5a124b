namespace Orchestrator.Actors.Wire;

/// <summary>Goes between hosts: written by <see cref="WireSerializer"/>, which must know its type.</summary>
public interface IWireMessage;
