using Orchestrator.Node.Hosting;

return await NodeCommand.RunAsync(args, Console.Out, Console.Error).ConfigureAwait(false);
