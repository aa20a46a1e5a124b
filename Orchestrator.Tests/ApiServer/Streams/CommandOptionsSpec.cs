using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Streams;

namespace Orchestrator.Tests.ApiServer.Streams;

public sealed class CommandOptionsSpec
{
    [Theory]
    [InlineData("?command=sh&command=-c&command=exit+3&container=c&stdin=true&stdout=1&stderr=true", "error stdin stdout stderr")]
    [InlineData("?command=sh&stdout=true&tty=true", "error stdout resize")]
    [InlineData("?command=sh&stderr=true", "error stderr")]
    public void The_streams_are_those_that_the_client_names(string query, string types) => Assert.Equal(types, string.Join(' ', Of(query, isExec: true).StreamTypes()));

    [Fact]
    public void A_command_is_a_list_of_words() => Assert.Equal("sh|-c|exit 3", string.Join('|', Of("?command=sh&command=-c&command=exit+3&stdout=true", isExec: true).Command));

    [Theory]
    [InlineData("?stdout=true", true, "you must specify at least one command for the container")]
    [InlineData("?command=sh", true, "you must specify at least one of stdin, stdout, stderr")]
    [InlineData("?stdout=false", false, "you must specify at least one of stdin, stdout, stderr")]
    [InlineData("?stdout=true&stderr=true&tty=true", false, "tty and stderr cannot both be true")]
    public void What_makes_no_sense_is_refused(string query, bool isExec, string why) => Assert.Equal(why, Assert.Throws<ApiException>(() => Of(query, isExec)).Message);

    [Theory]
    [InlineData(null, null, """{"metadata":{},"status":"Success"}""")]
    [InlineData(0, null, """{"metadata":{},"status":"Success"}""")]
    [InlineData(3, null, """{"metadata":{},"status":"Failure","message":"command terminated with non-zero exit code: exit code 3","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}""")]
    [InlineData(null, "gone", """{"metadata":{},"status":"Failure","message":"gone","reason":"InternalError","details":{"causes":[{"message":"gone"}]},"code":500}""")]
    public void The_end_is_a_status(int? code, string? error, string status) => Assert.Equal(status, RemoteCommandPump.Status(new StreamEnd(code, error)).ToJsonString());

    [Theory]
    [InlineData("""{"Width":80,"Height":24}""", 80, 24)]
    [InlineData("""{"Width":0,"Height":24}""", null, null)]
    [InlineData("""{"Width":80}""", null, null)]
    [InlineData("""{"Width":99999,"Height":24}""", null, null)]
    [InlineData("""{"Width":"x","Height":24}""", null, null)]
    [InlineData("""[1]""", null, null)]
    [InlineData("", null, null)]
    public void A_size_is_two_numbers(string json, int? width, int? height) =>
        Assert.Equal(width is null ? ((int, int)?)null : (width.Value, height!.Value), TerminalSize.Read(System.Text.Encoding.UTF8.GetBytes(json)));

    private static CommandOptions Of(string query, bool isExec) => CommandOptions.Of(new QueryCollection(QueryHelpers.ParseQuery(query)), isExec);
}
