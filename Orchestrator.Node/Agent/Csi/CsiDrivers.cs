using System.Collections.Concurrent;

namespace Orchestrator.Node.Agent.Csi;

/// <summary>The drivers that are registered on a node. Thread-safe.</summary>
internal sealed class CsiDrivers
{
    private readonly ConcurrentDictionary<string, CsiDriver> _drivers = [];

    /// <summary>All of them.</summary>
    public IReadOnlyCollection<CsiDriver> All => [.. _drivers.Values];

    /// <summary>Returns a driver; null if it is not registered.</summary>
    public CsiDriver? Find(string name) => _drivers.GetValueOrDefault(name);

    /// <summary>Adds a driver; one of the same name is replaced.</summary>
    public void Add(CsiDriver driver) => _drivers[driver.Name] = driver;

    /// <summary>Removes the driver that registered by a socket.</summary>
    /// <returns>The driver; null if there is none.</returns>
    public CsiDriver? Remove(string socket)
    {
        foreach (var driver in _drivers.Values)
        {
            if (driver.Socket == socket && _drivers.TryRemove(KeyValuePair.Create(driver.Name, driver)))
            {
                return driver;
            }
        }

        return null;
    }
}
