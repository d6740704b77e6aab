#!/usr/bin/env escript
%% A TLS server of Erlang: directory, port, whether clients are asked (none, request, require), the newest version.
-mode(compile).

main([Directory, Port, Clients, Version]) ->
    {ok, _} = application:ensure_all_started(ssl),
    logger:set_primary_config(level, none),
    File = fun(Name) -> filename:join(Directory, Name) end,
    Verify = case Clients of
        "none" -> [];
        "request" -> [{verify, verify_peer}, {fail_if_no_peer_cert, false}, {cacertfile, File("ca.pem")}];
        "require" -> [{verify, verify_peer}, {fail_if_no_peer_cert, true}, {cacertfile, File("ca.pem")}]
    end,
    Versions = case Version of "1.2" -> ['tlsv1.2']; _ -> ['tlsv1.3', 'tlsv1.2'] end,
    {ok, Listener} = ssl:listen(list_to_integer(Port), [
        {ip, {127, 0, 0, 1}}, {reuseaddr, true}, {active, false}, {versions, Versions},
        {certfile, File("cert.pem")}, {keyfile, File("key.pem")} | Verify]),
    accept(Listener).

accept(Listener) ->
    {ok, Transport} = ssl:transport_accept(Listener),
    Pid = spawn(fun() -> receive go -> serve(Transport) end end),
    ok = ssl:controlling_process(Transport, Pid),
    Pid ! go,
    accept(Listener).

serve(Transport) ->
    case ssl:handshake(Transport) of
        {ok, Socket} -> ssl:recv(Socket, 0), ssl:close(Socket);
        _ -> ok
    end.
