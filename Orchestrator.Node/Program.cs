using Orchestrator.Node.Certificates;
using Orchestrator.Node.Hosting;

if (args is ["--help" or "-h" or "help"] or ["--version"])
{
    await Console.Out.WriteLineAsync(args[0] == "--version" ? NodeOptions.Version : NodeOptions.Usage).ConfigureAwait(false);
    return 0;
}

var isPrintOnly = args.Contains(NodeOptions.PrintSettings);
var (options, error) = NodeOptions.Parse([.. args.Where(a => a != NodeOptions.PrintSettings)], Environment.GetEnvironmentVariable);
if (options is null)
{
    await Console.Error.WriteLineAsync($"orchestrator-node: {error}").ConfigureAwait(false);
    return 2;
}

if (isPrintOnly)
{
    if (Pki.Validate(options.DataDir, options.Join, options.IsControl, options.MayBootstrap) is { } fault)
    {
        await Console.Error.WriteLineAsync($"orchestrator-node: {fault}").ConfigureAwait(false);
        return 2;
    }

    await Console.Out.WriteLineAsync(options.Print()).ConfigureAwait(false);
    return 0;
}

return await Orchestrator.Node.Hosting.Host.RunAsync(options).ConfigureAwait(false);
