using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Commands.Creation;

/// <summary><c>orc create secret</c>: of any content, of a certificate, or of a login to a registry of images.</summary>
internal static class CreateSecret
{
    public static Command Create(Creator creator) => creator.Setup.Command("secret", "Creates a secret.", [Generic(creator), Certificate(creator), Registry(creator)],
    [
        "orc create secret generic database --from-literal=password=s3cret",
        "orc create secret tls web --cert=web.crt --key=web.key",
        "orc create secret docker-registry pull --docker-server=registry.example.com --docker-username=me --docker-password=s3cret",
    ]);

    private static Command Generic(Creator creator)
    {
        var options = new DataOptions();
        var type = Setup.Text("Its type (default: Opaque)", "type", "--type");
        return creator.Of(("generic", null), "Creates a secret of literals and files.", [.. options.Options, type],
            ["orc create secret generic database --from-literal=password=s3cret --from-file=ca.pem"], (context, name) =>
                Of(name, context.Get(type), [.. options.Read(context).Select(d => (d.Key, d.Value))]));
    }

    private static Command Certificate(Creator creator)
    {
        var certificate = Setup.Text("File with the certificate, in PEM", "path", "--cert");
        var key = Setup.Text("File with its private key, in PEM", "path", "--key");
        certificate.Required = key.Required = true;
        return creator.Of(("tls", null), "Creates a secret of a certificate and its key.", [certificate, key], ["orc create secret tls web --cert=web.crt --key=web.key"], (context, name) =>
            Of(name, "kubernetes.io/tls", [("tls.crt", DataOptions.Bytes(context.Get(certificate)!)), ("tls.key", DataOptions.Bytes(context.Get(key)!))]));
    }

    private static Command Registry(Creator creator)
    {
        var server = Setup.Text("Address of the registry (default: Docker Hub)", "address", "--docker-server");
        var user = Setup.Text("Name of the user", "name", "--docker-username");
        var password = Setup.Text("Password of the user", "text", "--docker-password");
        user.Required = password.Required = true;
        var mail = Setup.Text("Mail address of the user", "address", "--docker-email");
        return creator.Of(("docker-registry", null), "Creates a secret with which images are pulled.", [server, user, password, mail],
            ["orc create secret docker-registry pull --docker-server=registry.example.com --docker-username=me --docker-password=s3cret"], (context, name) =>
            {
                var login = Draft.Fields(
                    ("username", context.Get(user)),
                    ("password", context.Get(password)),
                    ("email", context.Get(mail)),
                    ("auth", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{context.Get(user)}:{context.Get(password)}"))));
                var document = new JsonObject { ["auths"] = new JsonObject { [context.Get(server) ?? "https://index.docker.io/v1/"] = login } };
                return Of(name, "kubernetes.io/dockerconfigjson", [(".dockerconfigjson", Encoding.UTF8.GetBytes(document.ToJsonString()))]);
            });
    }

    private static JsonObject Of(string name, string? type, IEnumerable<(string Key, byte[] Value)> data)
    {
        var values = new JsonObject();
        foreach (var (key, value) in data)
        {
            values[key] = Convert.ToBase64String(value);
        }

        return Draft.Of("v1", "Secret", name, ("type", type), ("data", values));
    }
}
