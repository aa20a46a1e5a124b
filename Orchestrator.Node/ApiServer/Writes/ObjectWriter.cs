using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Reads;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Writes;

/// <summary>Takes a request's commands to their entities.</summary>
internal sealed class ObjectWriter(ApiServices services)
{
    // Every lost race is somebody else's progress: only writers that never rest can win so often.
    private const int Attempts = 100;

    /// <summary>The object of a path as its entity has it.</summary>
    public async Task<KubeObject> CurrentAsync(HttpContext http, RequestInfo request) =>
        (await TellAsync(http, request.Kind, new GetObject(request.Kind.Key(request.Path.Namespace, request.Path.Name!), request.User), isDryRun: false).ConfigureAwait(false)).Object!;

    /// <summary>Reads the object, and stores what is made of it only if nobody wrote in between; otherwise all begins anew with what they wrote.</summary>
    /// <param name="http">The request.</param>
    /// <param name="request">What it asks for, and who asks.</param>
    /// <param name="change">The whole new object; what it throws refuses the request, however often it was tried.</param>
    /// <param name="verb">See <see cref="ReplaceObject"/>.</param>
    /// <returns>The object as it is now.</returns>
    public async Task<KubeObject> ChangeAsync(HttpContext http, RequestInfo request, Func<KubeObject, JsonObject> change, string? verb = null)
    {
        var isDryRun = Queries.IsDryRun(http);
        var part = request.Path.Subresource == "status" ? "status" : "";
        for (var attempt = 1; ; attempt++)
        {
            var current = await CurrentAsync(http, request).ConfigureAwait(false);
            var command = new ReplaceObject(current.Key, change(current), part, current.Revision, request.User, Verb: verb);
            var reply = await AskAsync(http, request.Kind, command, isDryRun).ConfigureAwait(false);
            if (reply.Error is not { Reason: ApiReason.Conflict } || attempt == Attempts)
            {
                return Checked(request.Kind, command.Key, reply).Object!;
            }
        }
    }

    /// <summary>A command's answer; its refusal ends the request. A dry run takes the entity's decision on the object as it is, and tells nobody.</summary>
    public async Task<CommandReply> TellAsync(HttpContext http, ResourceDefinition kind, ObjectCommand command, bool isDryRun) =>
        Checked(kind, command.Key, await AskAsync(http, kind, command, isDryRun).ConfigureAwait(false));

    private async Task<CommandReply> AskAsync(HttpContext http, ResourceDefinition kind, ObjectCommand command, bool isDryRun)
    {
        if (!isDryRun)
        {
            return await services.Store.SendAsync(command, http.RequestAborted).ConfigureAwait(false);
        }

        var now = await services.Store.FindAsync(command.Key, command.By, http.RequestAborted).ConfigureAwait(false);
        var reply = DryRun.Reply(kind, now, command, new DecideContext(services.Time.GetUtcNow(), services.Ids.NewUid()) { View = services.Cache });
        if (Proposed(command, now, reply) is { } proposal)
        {
            if (proposal.Error is not null)
            {
                return new CommandReply(null, proposal.Error);
            }

            reply = reply with { Object = KubeObject.From(kind, JsonMerge.Apply(reply.Object!.ToNode(), proposal.Patch)) };
        }

        return reply.Error is null && Objection(command, now, reply) is { } error ? new CommandReply(null, error) : reply;
    }

    // What the object would be given before it is stored.
    private AllocationProposal? Proposed(ObjectCommand command, KubeObject? now, CommandReply reply) =>
        reply.Object is { } after && !reply.IsDeleted && command is CreateObject or ReplaceObject { Subresource: "" } && services.Allocator is { } allocator && allocator.Serves(after.Kind)
            ? allocator.Propose(now, after) : null;

    // What an entity would ask the quotas of its namespace.
    private ApiError? Objection(ObjectCommand command, KubeObject? now, CommandReply reply) =>
        services.Rooms is { } rooms && command is CreateObject or ReplaceObject { Subresource: "" } && !reply.IsDeleted && rooms.IsBounded(command.Key.Namespace)
            && rooms.Demand(command, now, reply.Object!, now?.Revision ?? 0) is { } demand ? rooms.Judge(demand) : null;

    private static CommandReply Checked(ResourceDefinition kind, ObjectKey key, CommandReply reply) =>
        reply.Error is null ? reply : throw new ApiException(reply.Error) { Subject = new(kind.Group, kind.Plural, key.Name) };
}
