using Orchestrator.Node.Hosting;

var (options, error) = NodeOptions.Parse(args, Environment.GetEnvironmentVariable);
if (options is null)
{
    await Console.Error.WriteLineAsync($"orchestrator-node: {error}").ConfigureAwait(false);
    return 2;
}

return await Orchestrator.Node.Hosting.Host.RunAsync(options).ConfigureAwait(false);
