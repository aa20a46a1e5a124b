using Akka.Event;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;

namespace Orchestrator.Tests.Entities;

/// <summary>Which Kubernetes Events are logged, and how often.</summary>
public sealed class EventLogSpec
{
    private static readonly ObjectKey Web = new("pods", "default", "web-1");
    private static readonly ObjectKey Other = new("pods", "default", "web-2");
    private readonly FakeTimeProvider _time = new();
    private readonly Told _told = new();
    private readonly EventLog _log;

    public EventLogSpec() => _log = new EventLog(_told, _time);

    [Fact]
    public void A_warning_is_a_line_with_object_reason_and_revision()
    {
        Take(Web, "Warning", "BackOff");
        Assert.Equal(["WarningLevel: It is so. object=pods/default/web-1 reason=BackOff count=1 source=kubelet revision=7"], _told.Lines);
    }

    [Theory]
    [InlineData("Warning", "Failed", 1)]
    [InlineData("Warning", "FailedScheduling", 1)]
    [InlineData("Normal", "Started", 0)]
    [InlineData("Normal", "NodeNotReady", 1)]
    [InlineData("Normal", "TaintManagerEviction", 1)]
    public void What_is_as_it_should_be_is_not_logged(string type, string reason, int lines)
    {
        Take(Web, type, reason);
        Assert.Equal(lines, _told.Lines.Count);
    }

    [Fact]
    public void What_repeats_is_counted_and_told_once_a_minute()
    {
        Take(Web, "Warning", "BackOff");
        _time.Advance(EventLog.Gap - TimeSpan.FromSeconds(1));
        Take(Web, "Warning", "BackOff", count: 4);
        Assert.Single(_told.Lines);
        _time.Advance(TimeSpan.FromSeconds(1));
        Take(Web, "Warning", "BackOff");
        Assert.Equal(2, _told.Lines.Count);
        Assert.Contains(" count=5 ", _told.Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Another_object_or_reason_is_not_held_back()
    {
        Take(Web, "Warning", "BackOff");
        Take(Other, "Warning", "BackOff");
        Take(Web, "Warning", "Unhealthy");
        Assert.Equal(3, _told.Lines.Count);
    }

    [Fact]
    public void A_pod_that_waits_for_a_node_is_told_once()
    {
        Take(Web, "Warning", "FailedScheduling");
        _time.Advance(EventLog.WaitingGap - TimeSpan.FromSeconds(1));
        Take(Web, "Warning", "FailedScheduling");
        Assert.Single(_told.Lines);
    }

    private void Take(ObjectKey key, string type, string reason, int count = 1)
    {
        var stored = new ObjectEvent("pod.reported.1", _time.GetUtcNow(), "system:node:n", 0, null, RecordedEvents: [new RecordedEvent(type, reason, "It is so.", "kubelet", count)]);
        stored.Revision = 7;
        _log.Take(key, stored);
    }

    private sealed class Told() : LoggingAdapterBase(DefaultLogMessageFormatter.Instance)
    {
        public List<string> Lines { get; } = [];

        public override bool IsDebugEnabled => false;

        public override bool IsInfoEnabled => true;

        public override bool IsWarningEnabled => true;

        public override bool IsErrorEnabled => true;

        protected override void NotifyLog(LogLevel logLevel, object message, Exception? cause = null) => Lines.Add($"{logLevel}: {message}");
    }
}
