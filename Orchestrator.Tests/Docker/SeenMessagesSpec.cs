using System.Text;
using Orchestrator.Node.Docker;

namespace Orchestrator.Tests.Docker;

/// <summary>Messages of a log that come again, by their times.</summary>
public sealed class SeenMessagesSpec
{
    // Each word: stream, seconds; what is new of it.
    [Theory]
    [InlineData("a1 a2 a3", "a1 a2 a3")]
    [InlineData("a1 a2 a3 a2 a3 a4", "a1 a2 a3 a4")]
    [InlineData("a1 b3 a2 b4 a5", "a1 b3 a2 b4 a5")]
    [InlineData("a1 a2 a2 a2 a3", "a1 a2 a2 a2 a3")]
    [InlineData("a1 a2 a2 a1 a2 a2 a2 a3", "a1 a2 a2 a2 a3")]
    [InlineData("a5 a6 a1 a2 a3", "a5 a6 a1 a2 a3")]
    [InlineData("a1 a2 | a1 a2 a3", "a1 a2 a3")]
    [InlineData("a1 a2 | a2 a3", "a1 a2 a3")]
    [InlineData("a5 | a3 a4 a5 a5 a6 b4 b7", "a5 a5 a6 b7")]
    public void What_comes_again_is_not_new(string told, string expected)
    {
        var seen = new SeenMessages();
        List<string> found = [];
        var isRest = false;
        foreach (var word in told.Split(' '))
        {
            if (word == "|")
            {
                isRest = true;
                continue;
            }

            if (seen.IsNew((byte)word[0], Encoding.ASCII.GetBytes($"2026-01-02T03:04:0{word[1]}.000000001Z"), isRest))
            {
                found.Add(word);
            }
        }

        Assert.Equal(expected, string.Join(' ', found));
    }
}
