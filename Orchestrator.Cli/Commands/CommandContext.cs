using System.CommandLine;
using Orchestrator.Cli.Client;
using Orchestrator.Cli.Hosting;

namespace Orchestrator.Cli.Commands;

/// <summary>The context of a command: parsed arguments and a lazy API client.</summary>
internal sealed class CommandContext(ParseResult parsed, CommandIo io, GlobalOptions globals, CancellationToken cancellation) : IDisposable
{
    private Connection? _connection;
    private ApiClient? _client;
    private Discovery? _discovery;
    private bool _hasPrinted;

    public CommandIo Io => io;

    public TextWriter Out => io.Out;

    public CancellationToken Cancellation => cancellation;

    public DateTimeOffset Now => io.Time.GetUtcNow();

    public string? NamespaceOption => parsed.GetValue(globals.Namespace);

    public string Namespace => NamespaceOption ?? (Connection.Namespace is { Length: > 0 } ns ? ns : "default");

    public Connection Connection => _connection ??= Connect();

    public ApiClient Client => _client ??= new ApiClient(Connection, io.Connect(Connection), w => io.Error.WriteLine($"Warning: {w}"));

    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    public TimeSpan Get(DurationOption option) => parsed.GetValue(option) ?? option.Otherwise;

    public T? Get<T>(Argument<T> argument) => parsed.GetValue(argument);

    public async Task<Discovery> DiscoveryAsync() => _discovery ??= await Discovery.LoadAsync(Client, cancellation);

    public string PathOf(Target target) => target.Type.Path(Namespace, target.Name!);

    /// <summary>Whether nothing was printed before: documents after the first are separated from it.</summary>
    public bool IsFirst()
    {
        var isFirst = !_hasPrinted;
        _hasPrinted = true;
        return isFirst;
    }

    public void Dispose() => _client?.Dispose();

    private Connection Connect()
    {
        var files = Kubeconfig.Files(parsed.GetValue(globals.Kubeconfig), Environment.GetEnvironmentVariable, Presence.IsThere);
        return Kubeconfig.Read(files.Select(f => (f, Presence.Read(f))), parsed.GetValue(globals.Context), Presence.Read);
    }
}
