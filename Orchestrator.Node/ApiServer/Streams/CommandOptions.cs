using System.Collections.Immutable;
using Orchestrator.Actors.Api;
using Orchestrator.Node.ApiServer.Answers;

namespace Orchestrator.Node.ApiServer.Streams;

/// <summary>What a client asks of exec or attach (Kubernetes: PodExecOptions, PodAttachOptions).</summary>
/// <param name="Command">The command; empty for attach.</param>
/// <param name="Container">The container; empty for the only one.</param>
/// <param name="HasInput">Whether the client sends input.</param>
/// <param name="HasOutput">Whether it takes output.</param>
/// <param name="HasErrors">Whether it takes the errors apart from it.</param>
/// <param name="IsTty">Whether it has a terminal.</param>
internal sealed record CommandOptions(ImmutableArray<string> Command, string Container, bool HasInput, bool HasOutput, bool HasErrors, bool IsTty)
{
    /// <summary>Reads the options of a request.</summary>
    /// <exception cref="ApiException">They make no sense.</exception>
    public static CommandOptions Of(IQueryCollection query, bool isExec)
    {
        bool Is(string name) => query[name].ToString() is "true" or "1";
        var options = new CommandOptions(isExec ? [.. query["command"].Select(c => c ?? "")] : [], query["container"].ToString(), Is("stdin"), Is("stdout"), Is("stderr"), Is("tty"));
        return isExec && options.Command.IsEmpty ? throw Refused("you must specify at least one command for the container")
            : !options.HasInput && !options.HasOutput && !options.HasErrors ? throw Refused("you must specify at least one of stdin, stdout, stderr")
            : options is { IsTty: true, HasErrors: true } ? throw Refused("tty and stderr cannot both be true")
            : options;
    }

    /// <summary>The types of the streams that a client of SPDY opens.</summary>
    public IReadOnlyCollection<string> StreamTypes()
    {
        List<string> types = ["error"];
        void Add(bool has, string type) => types.AddRange(has ? [type] : []);
        Add(HasInput, "stdin");
        Add(HasOutput, "stdout");
        Add(HasErrors, "stderr");
        Add(IsTty, "resize");
        return types;
    }

    private static ApiException Refused(string why) => new(ApiReason.BadRequest, why);
}
