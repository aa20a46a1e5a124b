using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Orchestrator.Node.Network;

namespace Orchestrator.Benchmarks;

/// <summary>Sends and answers in network namespaces, from threads of this process: no program of a container takes part.</summary>
internal static class NetProbe
{
    private const int Chunk = 128 << 10;
    private const byte Echo = 1;
    private const byte Get = (byte)'G';
    private static readonly byte[] Body = "\r\n\r\nhello"u8.ToArray();
    private static readonly byte[] Answered = [.. "HTTP/1.1 200 OK\r\nContent-Length: 5"u8, .. Body];

    /// <summary>Serves at a port of a namespace until it is disposed: takes all that is sent, sends it back, or answers by HTTP, as the first byte says.</summary>
    public static async Task<IDisposable> ServeAsync(string ns, int port)
    {
        var listener = await InAsync(ns, () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            socket.Listen(512);
            return socket;
        });
        new Thread(() => Accept(listener)) { IsBackground = true }.Start();
        return listener;
    }

    /// <summary>Sends over one connection for a time; in Gbit/s.</summary>
    public static Task<double> ThroughputAsync(string? ns, IPEndPoint to, TimeSpan time) => OnThreadAsync(ns, to, socket =>
    {
        var buffer = new byte[Chunk];
        var (clock, sent) = (Stopwatch.StartNew(), 0L);
        while (clock.Elapsed < time)
        {
            sent += socket.Send(buffer);
        }

        return sent * 8 / clock.Elapsed.TotalSeconds / 1e9;
    });

    /// <summary>Sends a byte and waits for it to come back, many times; microseconds, in order of length.</summary>
    public static Task<double[]> RoundTripsAsync(string? ns, IPEndPoint to, int count) => OnThreadAsync(ns, to, socket =>
    {
        var (one, times) = (new byte[] { Echo }, new double[count]);
        for (var i = -count / 10; i < count; i++)
        {
            var begin = Stopwatch.GetTimestamp();
            socket.Send(one);
            socket.Receive(one);
            if (i >= 0)
            {
                times[i] = Stopwatch.GetElapsedTime(begin).TotalMicroseconds;
            }
        }

        Array.Sort(times);
        return times;
    });

    /// <summary>Requests by HTTP over one connection, one after the other; microseconds, in order of length.</summary>
    public static Task<double[]> RequestsAsync(string? ns, IPEndPoint to, string host, int count) => OnThreadAsync(ns, to, socket =>
    {
        var (request, answer, times) = (Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"), new byte[4096], new double[count]);
        for (var i = -count / 10; i < count; i++)
        {
            var begin = Stopwatch.GetTimestamp();
            socket.Send(request);
            for (var got = 0; got < Body.Length || !answer.AsSpan(0, got).EndsWith(Body);)
            {
                got += socket.Receive(answer.AsSpan(got));
            }

            if (i >= 0)
            {
                times[i] = Stopwatch.GetElapsedTime(begin).TotalMicroseconds;
            }
        }

        Array.Sort(times);
        return times;
    });

    /// <summary>How long it takes to connect; milliseconds. Null if nobody answers yet.</summary>
    public static double? Connect(IPEndPoint to)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var begin = Stopwatch.GetTimestamp();
        try
        {
            socket.Connect(to);
            return Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.TimedOut)
        {
            return null;
        }
    }

    /// <summary>Makes something in a namespace; in that of this process for null.</summary>
    public static async Task<T> InAsync<T>(string? ns, Func<T> make)
    {
        if (ns is null)
        {
            return make();
        }

        using var handle = File.OpenHandle(ns);
        return await NamespaceThread.RunAsync(handle, make);
    }

    /// <summary>Of times in order of length, the one that so many per cent do not exceed.</summary>
    public static double Percentile(IReadOnlyList<double> sorted, int percent) => sorted[Math.Min(sorted.Count - 1, sorted.Count * percent / 100)];

    private static async Task<T> OnThreadAsync<T>(string? ns, IPEndPoint to, Func<Socket, T> measure)
    {
        using var socket = await InAsync(ns, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        await socket.ConnectAsync(to);
        return await Task.Factory.StartNew(() => measure(socket), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private static void Accept(Socket listener)
    {
        try
        {
            while (true)
            {
                var socket = listener.Accept();
                new Thread(() => Answer(socket)) { IsBackground = true }.Start();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is over.
        }
    }

    private static void Answer(Socket socket)
    {
        using (socket)
        {
            socket.NoDelay = true;
            var buffer = new byte[Chunk];
            try
            {
                for (int got; (got = socket.Receive(buffer)) > 0;)
                {
                    if (buffer[0] == Echo)
                    {
                        socket.Send(buffer.AsSpan(0, got));
                    }
                    else if (buffer[0] == Get)
                    {
                        socket.Send(Answered);
                    }
                }
            }
            catch (SocketException)
            {
                // Who asked is gone.
            }
        }
    }
}
