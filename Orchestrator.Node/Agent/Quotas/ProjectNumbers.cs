using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Node.Agent.Quotas;

/// <summary>Which numbers the project of a folder may have. Pure.</summary>
/// <remarks>They are far above those that people, the kubelet (from 2^20) and Docker give, and begin at random, so that two hosts on one file system seldom try the same.</remarks>
internal static class ProjectNumbers
{
    /// <summary>The least.</summary>
    public const uint First = 1u << 30;

    /// <summary>How many there are; the greatest still fits a signed number, as which some tools print it.</summary>
    public const uint Count = 1u << 30;

    /// <summary>The numbers to try for a folder, best first.</summary>
    /// <param name="name">Name of the folder.</param>
    public static IEnumerable<uint> For(string name)
    {
        var at = BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name))) % Count;
        for (uint i = 0; i < Count; i++)
        {
            yield return First + ((at + i) % Count);
        }
    }
}
