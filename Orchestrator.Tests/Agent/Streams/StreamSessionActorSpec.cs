using System.Text;
using System.Threading.Channels;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Streams;

namespace Orchestrator.Tests.Agent.Streams;

public sealed class StreamSessionActorSpec : TestKit
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly Scripted _streams = new();

    [Fact]
    public void Pieces_come_in_order_and_the_last_one_has_the_exit_code()
    {
        var session = Open();
        _streams.Says(1, "one");
        Assert.Equal((1, "one", null), Read(session, 1));
        _streams.Says(2, "two");
        Assert.Equal((2, "two", null), Read(session, 2));
        _streams.Ends(3);
        Assert.Equal((1, "", new StreamEnd(3, null)), Read(session, 3));
    }

    [Fact]
    public void Whoever_asks_again_for_a_piece_gets_the_same()
    {
        var session = Open();
        _streams.Says(1, "one");
        Assert.Equal("one", Read(session, 1).Text);
        _streams.Says(1, "two");
        Assert.Equal("one", Read(session, 1).Text);
        Assert.Equal("two", Read(session, 2).Text);
        var (first, second) = (CreateTestProbe(), CreateTestProbe());
        session.Tell(new ReadStream(3), first);
        session.Tell(new ReadStream(3), second);
        session.Tell(new Identify(1), TestActor);
        ExpectMsg<ActorIdentity>(Bound);
        _streams.Says(1, "three");
        Assert.Equal("three", Encoding.UTF8.GetString(second.ExpectMsg<StreamPiece>(Bound).Bytes));
        first.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void What_is_written_twice_arrives_once()
    {
        var session = Open();
        foreach (var (number, text, isEnd) in ((long, string, bool)[])[(1, "a", false), (1, "a", false), (2, "b", false), (2, "b", false), (3, "", true)])
        {
            session.Tell(new WriteStream(number, Encoding.UTF8.GetBytes(text), isEnd), TestActor);
            Assert.Equal(new StreamWritten(number, null), ExpectMsg<StreamWritten>(Bound));
        }

        Assert.Equal("ab.", _streams.Written);
    }

    [Fact]
    public void What_comes_late_is_neither_read_nor_written_again()
    {
        var session = Open();
        _streams.Says(1, "one");
        Assert.Equal("one", Read(session, 1).Text);
        _streams.Says(1, "two");
        Assert.Equal("two", Read(session, 2).Text);
        session.Tell(new ReadStream(1), TestActor);
        session.Tell(new WriteStream(1, "a"u8.ToArray(), false), TestActor);
        session.Tell(new WriteStream(2, "b"u8.ToArray(), false), TestActor);
        session.Tell(new WriteStream(1, "a"u8.ToArray(), false), TestActor);
        session.Tell(new WriteStream(3, "c"u8.ToArray(), false), TestActor);
        AwaitAssert(() => Assert.EndsWith("c", _streams.Written, StringComparison.Ordinal), Bound);
        Assert.DoesNotContain("aa", _streams.Written, StringComparison.Ordinal);
        Assert.Equal(1, _streams.Written.Count(c => c == 'a'));
        _streams.Says(1, "three");
        session.Tell(new ReadStream(3), TestActor);
        Assert.Equal("three", Encoding.UTF8.GetString(FishForMessage<StreamPiece>(p => p.Number == 3, Bound).Bytes));
    }

    [Fact]
    public void What_cannot_be_opened_is_refused_and_over()
    {
        _streams.Refusal = "container main is not running";
        var session = Sys.ActorOf(StreamSessionActor.Props(_streams));
        Watch(session);
        session.Tell(new OpenExec("u", "main", ["true"], false, false), TestActor);
        Assert.Equal("container main is not running", ExpectMsg<StreamRefused>(Bound).Why);
        ExpectTerminated(session, Bound);
    }

    [Fact]
    public async Task Whoever_closes_it_ends_what_it_runs()
    {
        var session = Open();
        Watch(session);
        session.Tell(new CloseStream());
        ExpectTerminated(session, Bound);
        await _streams.Disposed.Task.WaitAsync(Bound);
    }

    [Fact]
    public void A_fault_of_the_runtime_is_the_end()
    {
        var session = Open();
        _streams.Breaks("Docker ended the stream");
        Assert.Equal(new StreamEnd(null, "Docker ended the stream"), Read(session, 1).End);
    }

    [Fact]
    public async Task A_size_that_comes_before_the_terminal_is_set_when_it_is_there()
    {
        _streams.Resizes = size => size == (80, 24) ? throw new InvalidOperationException("no terminal yet") : Task.CompletedTask;
        var session = Open();
        session.Tell(new ResizeTerminal(80, 24));
        var isSet = new TaskCompletionSource<(int, int)>();
        _streams.Resizes = size =>
        {
            isSet.TrySetResult(size);
            return Task.CompletedTask;
        };
        Assert.Equal((80, 24), await isSet.Task.WaitAsync(Bound));
    }

    private IActorRef Open()
    {
        var session = Sys.ActorOf(StreamSessionActor.Props(_streams));
        session.Tell(new OpenExec("u", "main", ["sh"], true, false), TestActor);
        return ExpectMsg<StreamOpened>(Bound).Session;
    }

    private (int Channel, string Text, StreamEnd? End) Read(IActorRef session, long number)
    {
        session.Tell(new ReadStream(number), TestActor);
        var piece = ExpectMsg<StreamPiece>(Bound);
        Assert.Equal(number, piece.Number);
        return (piece.Channel, Encoding.UTF8.GetString(piece.Bytes), piece.End);
    }

    /// <summary>A runtime whose one command does as it is told.</summary>
    private sealed class Scripted : IContainerStreams, IContainerStream
    {
        private readonly Channel<(int, byte[])> _said = Channel.CreateUnbounded<(int, byte[])>();
        private readonly StringBuilder _written = new();
        private int _exitCode;

        public string? Refusal { get; set; }

        public string Written => _written.ToString();

        public TaskCompletionSource Disposed { get; } = new();

        public void Says(int channel, string text) => _said.Writer.TryWrite((channel, Encoding.UTF8.GetBytes(text)));

        public void Ends(int exitCode)
        {
            _exitCode = exitCode;
            _said.Writer.TryComplete();
        }

        public void Breaks(string why) => _said.Writer.TryComplete(new RuntimeUnavailableException(why));

        public Task<IContainerStream> ExecAsync(string podUid, string container, IReadOnlyList<string> command, bool hasInput, bool isTty, CancellationToken cancellation) =>
            Refusal is { } why ? throw new ContainerRefusedException("ExecError", why) : Task.FromResult<IContainerStream>(this);

        public Task<IContainerStream> AttachAsync(string podUid, string container, bool hasInput, CancellationToken cancellation) => throw new NotSupportedException();

        public IContainerStream LoadImages() => this;

        public Task<System.Net.Sockets.Socket> ConnectAsync(string podUid, int port, CancellationToken cancellation) => throw new NotSupportedException();

        public async ValueTask<(int Channel, int Count)> ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
        {
            if (!await _said.Reader.WaitToReadAsync(cancellation))
            {
                return (1, 0);
            }

            Assert.True(_said.Reader.TryRead(out var said));
            said.Item2.CopyTo(buffer);
            return (said.Item1, said.Item2.Length);
        }

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
        {
            _written.Append(Encoding.UTF8.GetString(bytes.Span));
            return ValueTask.CompletedTask;
        }

        public ValueTask EndInputAsync(CancellationToken cancellation)
        {
            _written.Append('.');
            return ValueTask.CompletedTask;
        }

        public volatile Func<(int, int), Task> Resizes = _ => Task.CompletedTask;

        public Task ResizeAsync(int width, int height, CancellationToken cancellation) => Resizes((width, height));

        public Task<int?> ExitCodeAsync(CancellationToken cancellation) => Task.FromResult<int?>(_exitCode);

        public ValueTask DisposeAsync()
        {
            Disposed.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }
}
