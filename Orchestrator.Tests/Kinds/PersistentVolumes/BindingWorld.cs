using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Kinds.PersistentVolumes;
using Orchestrator.Actors.Reconcile;
using k8s.Models;

namespace Orchestrator.Tests.Kinds.PersistentVolumes;

/// <summary>Claims and volumes over one journal, with production's controllers and decisions. Messages are late, doubled or lost, and the cache lags behind.</summary>
internal sealed class BindingWorld
{
    private const int Names = 3;
    private static readonly IController[] Controllers = [new PersistentVolumeClaimController(), new PersistentVolumeController()];
    private readonly ObjectCache _cache = new();
    private readonly List<Committed> _journal = [];
    private readonly Dictionary<ObjectKey, KubeObject> _objects = [];
    private readonly List<ObjectCommand> _messages = [];
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private long _revision;

    public IEnumerable<V1PersistentVolumeClaim> Claims => _objects.Values.Where(o => o.Kind == PersistentVolumeClaimDefinition.Instance).Select(o => o.As<V1PersistentVolumeClaim>());

    public IEnumerable<V1PersistentVolume> Volumes => _objects.Values.Where(o => o.Kind == PersistentVolumeDefinition.Instance).Select(o => o.As<V1PersistentVolume>());

    /// <summary>Everything as it is stored, for messages.</summary>
    public string Text => string.Join('\n', _objects.Values.Select(o => o.ToNode().ToJsonString()));

    /// <summary>One thing happens.</summary>
    public void Step(int what, int which)
    {
        var name = which % Names;
        switch (what)
        {
            case 0:
                Deliver(Claim(name, which / Names));
                break;
            case 1:
                Deliver(Volume(name, which / Names));
                break;
            case 2 when which % 3 == 0:
                Deliver(new DeleteObject(PersistentVolumeClaimDefinition.Instance.Key("default", $"c{name}"), "me"));
                break;
            case 2 when which % 3 == 1:
                Deliver(new DeleteObject(PersistentVolumeDefinition.Instance.Key(null, $"v{name}"), "me"));
                break;
            case 3 or 4 when _messages.Count > 0:
                var message = _messages[which % _messages.Count];
                Deliver(message);
                if (which % 5 > 0)
                {
                    _messages.Remove(message);
                }

                break;
            case 5 when _messages.Count > 0 && which % 4 == 0: // Its host crashes.
                _messages.RemoveAt(which % _messages.Count);
                break;
            case 6:
                Fold(1 + (which % 4));
                break;
            case 7 or 8 or 9 when _objects.Count > 0:
                _messages.AddRange(Plan(_objects.Values.ElementAt(which % _objects.Count)));
                break;
            default:
                break;
        }
    }

    /// <summary>Every object plans until none has anything to do.</summary>
    public void Rest()
    {
        _messages.ForEach(Deliver);
        _messages.Clear();
        for (var round = 0; round < 50; round++)
        {
            Fold(int.MaxValue);
            var commands = _objects.Values.ToList().SelectMany(o => (IEnumerable<ObjectCommand>)Plan(o)).ToList();
            if (commands.Count == 0)
            {
                return;
            }

            commands.ForEach(Deliver);
        }

        throw new InvalidOperationException($"Comes never to rest:\n{Text}");
    }

    /// <summary>A command arrives.</summary>
    public void Deliver(ObjectCommand command)
    {
        _now += TimeSpan.FromSeconds(1);
        var kind = _cache.Registry.ByResource(command.Key.Resource)!;
        var state = _objects.GetValueOrDefault(command.Key);
        foreach (var e in AdmittedDecider.Decide(kind, state, command, new DecideContext(_now, $"u{_revision + 1}") { View = _cache }).Events)
        {
            e.Revision = ++_revision;
            state = ObjectState.Apply(kind, state, e);
            _journal.Add(new Committed(command.Key.PersistenceId, _revision, e));
        }

        if (state is null)
        {
            _objects.Remove(command.Key);
        }
        else
        {
            _objects[command.Key] = state;
        }
    }

    // Some claims ask for a volume by name, and some volumes are meant for a claim.
    private static CreateObject Claim(int name, int how)
    {
        var claim = new JsonObject
        {
            ["spec"] = new JsonObject
            {
                ["accessModes"] = new JsonArray("ReadWriteOnce"),
                ["storageClassName"] = "",
                ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = $"{1 + (how % 2)}Gi" } },
            },
        };
        if (how % 5 == 0)
        {
            claim["spec"]!["volumeName"] = $"v{how % Names}";
        }

        return new CreateObject(PersistentVolumeClaimDefinition.Instance.Key("default", $"c{name}"), claim, "me");
    }

    private static CreateObject Volume(int name, int how)
    {
        var volume = new JsonObject
        {
            ["spec"] = new JsonObject
            {
                ["accessModes"] = new JsonArray("ReadWriteOnce"),
                ["capacity"] = new JsonObject { ["storage"] = $"{1 + (how % 2)}Gi" },
                ["hostPath"] = new JsonObject { ["path"] = "/srv" },
            },
        };
        if (how % 7 == 0)
        {
            volume["spec"]!["claimRef"] = new JsonObject { ["namespace"] = "default", ["name"] = $"c{(how / 7 % Names).ToString(CultureInfo.InvariantCulture)}" };
        }

        return new CreateObject(PersistentVolumeDefinition.Instance.Key(null, $"v{name}"), volume, "me");
    }

    private void Fold(int most) => _cache.Fold([.. _journal.Where(c => c.Event.Revision > _cache.Revision).Take(most)]);

    // A plan sees at least what its own object came to.
    private ImmutableArray<ObjectCommand> Plan(KubeObject self)
    {
        _cache.Fold([.. _journal.Where(c => c.Event.Revision > _cache.Revision && c.Event.Revision <= self.Revision)]);
        return Controllers.Single(c => c.Kind == self.Kind).Plan(self, _cache, new PlanContext(_now, 0, () => "", [])).Commands;
    }
}
