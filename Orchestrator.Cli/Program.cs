using Orchestrator.Cli;

return await App.RunAsync(args, CommandIo.Console()).ConfigureAwait(false);
