using System.Security.Cryptography;

namespace Orchestrator.Node.Hosting;

/// <summary>Tells the transport between hosts by which number its channels are to know this machine. Otherwise it takes one from the interfaces of the machine, and the process does not
/// start if that of a pod goes while it looks at them.</summary>
internal static class TransportIdentity
{
    // DotNetty, DefaultChannelId: eight hexadecimal digits. The number is used in names of channels in its own log alone.
    private const string Setting = "io.netty.machineId";
    private const int Bytes = 4;

    /// <summary>Gives the process a number, unless somebody has.</summary>
    public static void Give()
    {
        if (Environment.GetEnvironmentVariable(Setting) is null)
        {
            Environment.SetEnvironmentVariable(Setting, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes)));
        }
    }
}
