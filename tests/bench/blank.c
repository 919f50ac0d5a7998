/* What WebKitGTK costs with nothing in it: a window of Ira's size that shows about:blank. Plain C, so
 * that neither an interpreter nor a tool bar flatters the program it is compared with.
 *   cc blank.c $(pkg-config --cflags --libs webkit2gtk-4.1) -o blank */
#include <webkit2/webkit2.h>

int main(int count, char **arguments) {
    gtk_init(&count, &arguments);
    GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
    gtk_window_set_default_size(GTK_WINDOW(window), 1280, 800);
    GtkWidget *view = webkit_web_view_new();
    gtk_container_add(GTK_CONTAINER(window), view);
    g_signal_connect(window, "destroy", G_CALLBACK(gtk_main_quit), NULL);
    webkit_web_view_load_uri(WEBKIT_WEB_VIEW(view), "about:blank");
    gtk_widget_show_all(window);
    gtk_main();
    return 0;
}
