import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;

public class Billing {
    public static void main(String[] arguments) throws Exception {
        HttpServer.create(new InetSocketAddress("127.0.0.1", 8007), 0).start();
    }
}
